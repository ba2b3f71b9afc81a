//! Answers `compare.py`'s questions about the networks in the folder that is the first argument, with tract: those of
//! `../main.rs` about forward passes, `outputs` and `forward`.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::error::Error;
use std::hint::black_box;
use std::io::{BufRead, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use tract_onnx::prelude::*;

/// Seconds of the fastest of many batches of calls, within about `seconds`; as in `../../support`.
fn fastest(seconds: f64, mut call: impl FnMut()) -> f64 {
    let start = Instant::now();
    call();
    let batch = (50e-6 / start.elapsed().as_secs_f64().max(1e-9)).ceil().max(1.0) as usize;
    let (start, mut best) = (Instant::now(), f64::INFINITY);
    while start.elapsed().as_secs_f64() < seconds {
        let start = Instant::now();
        for _ in 0..batch {
            call();
        }
        best = best.min(start.elapsed().as_secs_f64() / batch as f64);
    }
    best
}

/// A network and its input.
struct Network {
    plan: Arc<TypedRunnableModel>,
    x: TValue,
}

impl Network {
    fn load(folder: &Path, name: &str, batch: usize) -> Result<Self, Box<dyn Error>> {
        let model = tract_onnx::onnx().model_for_path(folder.join(format!("{name}_{batch}.onnx")))?.into_optimized()?;
        let shape = model.input_fact(0)?.shape.as_concrete().ok_or("the input has no shape")?.to_vec();
        let bytes = std::fs::read(folder.join(format!("{name}.x")))?;
        let x: Vec<f32> = bytes.as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect();
        let x = Tensor::from_shape(&shape, &x[..shape.iter().product()])?;
        Ok(Self { plan: model.into_runnable()?, x: x.into_tvalue() })
    }

    fn run(&self) -> TractResult<TVec<TValue>> {
        self.plan.run(tvec!(self.x.clone()))
    }
}

type Networks = HashMap<(String, String), Network>;

fn answer(folder: &Path, networks: &mut Networks, question: &str) -> Result<String, Box<dyn Error>> {
    let words: Vec<&str> = question.split_whitespace().collect();
    let [what, name, batch, ref rest @ ..] = words[..] else { return Err(question.into()) };
    let network = match networks.entry((name.into(), batch.into())) {
        Entry::Occupied(network) => network.into_mut(),
        Entry::Vacant(place) => place.insert(Network::load(folder, name, batch.parse()?)?),
    };
    let y = network.run()?;
    match (what, rest) {
        ("outputs", []) => {
            Ok(y[0].to_plain_array_view::<f32>()?.iter().map(f32::to_string).collect::<Vec<_>>().join(" "))
        }
        ("forward", [seconds]) => Ok(fastest(seconds.parse()?, || drop(black_box(network.run()))).to_string()),
        _ => Err(question.into()),
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("which folder?")?;
    let mut networks = Networks::new();
    for question in std::io::stdin().lock().lines() {
        match answer(folder.as_ref(), &mut networks, &question?) {
            Ok(answer) => println!("{answer}"),
            Err(error) => println!("failed: {}", error.to_string().replace('\n', " ")), // a network it cannot run
        }
        std::io::stdout().flush()?;
    }
    Ok(())
}
