//! The rules of the house, checked on the text of `src`: which folder may know which, and what has one place. They are
//! written down in `src/lib.rs`, "Where things live".

use std::fs;
use std::path::{Path, PathBuf};

/// Each folder with those that it may name. `loss`, `optim`, `data` and `metrics` stand on top; a
/// user's program is their only reader.
const KNOWS: [(&str, &[&str]); 13] = [
    ("tensor", &[]),
    ("io", &["tensor"]),
    ("shape", &["tensor"]),
    ("kernel", &["tensor"]),
    ("functional", &["kernel", "shape", "tensor"]),
    ("module", &["io", "tensor"]),
    ("layer", &["functional", "module", "shape", "tensor"]),
    ("model", &["io", "module", "tensor"]),
    ("weights", &["io", "module", "tensor"]),
    ("loss", &["kernel", "optim", "tensor"]),
    ("optim", &["io", "kernel", "module", "tensor"]),
    ("data", &["module", "tensor"]),
    ("metrics", &["tensor"]),
];

/// Documentation without code, which may name everything.
const GUIDE: &str = "guide";

/// Where `unsafe` is the purpose.
const UNSAFE: [&str; 7] = [
    "kernel/simd/",
    "tensor/batch.rs",
    "tensor/storage.rs",
    "tensor/zeroed.rs",
    "tensor/interop/bytemuck.rs",
    "io/cast.rs",
    "weights/embed.rs",
];

/// Where the architecture matters: the instruction sets, and what is small on a microcontroller.
const ARCHITECTURE: [&str; 2] = ["kernel/simd/isa/", "kernel/portable/mod.rs"];

/// A line of code: its file below `src`, and the text without comments and documentation.
struct Line {
    file: String,
    text: String,
}

/// The code of a folder of `src`.
fn code(folder: &str) -> Vec<Line> {
    fn read(path: &Path, root: &Path, lines: &mut Vec<Line>) {
        if path.is_dir() {
            for entry in fs::read_dir(path).expect("a folder") {
                read(&entry.expect("an entry").path(), root, lines);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let file = path.strip_prefix(root).expect("a file of src").display().to_string().replace('\\', "/");
            for text in fs::read_to_string(path).expect("a source file").lines() {
                let code = text.split("//").next().unwrap_or_default().trim();
                if !code.is_empty() && !code.starts_with("#[doc") {
                    lines.push(Line { file: file.clone(), text: code.to_owned() });
                }
            }
        }
    }

    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut lines = Vec::new();
    read(&root.join(folder), &root, &mut lines);
    assert!(lines.len() > 50, "{folder}: {} lines", lines.len());
    lines
}

/// The words of a text: what identifiers and keywords are made of.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_')
}

/// The lines that contain something, outside of the files where it belongs.
fn strays<'a>(lines: &'a [Line], belongs: &[&str], contains: impl Fn(&str) -> bool) -> Vec<&'a str> {
    let found: Vec<&Line> = lines.iter().filter(|line| contains(&line.text)).collect();
    assert!(found.iter().any(|line| belongs.iter().any(|&file| line.file.starts_with(file))), "nothing in {belongs:?}");
    found
        .into_iter()
        .filter(|line| !belongs.iter().any(|&file| line.file.starts_with(file)))
        .map(|line| &line.file[..])
        .collect()
}

/// The folders that a line names, as `crate::folder`.
fn named(text: &str) -> impl Iterator<Item = &str> {
    let names =
        text.match_indices("crate::").map(|(at, path)| words(&text[at + path.len()..]).next().unwrap_or_default());
    names.map(|name| if name == "named" { "module" } else { name }) // A macro of `module`, exported at the root.
}

#[test]
fn each_folder_knows_only_those_below_it() {
    let mut seen = 0;
    for (folder, knows) in KNOWS {
        let lines = code(folder);
        let is_own_macro = |name| lines.iter().any(|line| line.text == format!("macro_rules! {name} {{"));
        for line in &lines {
            for name in named(&line.text).filter(|&name| name != folder && !is_own_macro(name)) {
                seen += 1;
                let is_folder = KNOWS.iter().any(|&(other, _)| other == name);
                // Macros are exported at the root; nothing else is named there.
                assert!(is_folder, "{}: `crate::{name}` is no folder", line.file);
                assert!(knows.contains(&name), "{}: `{folder}` does not know `{name}`: {}", line.file, line.text);
            }
        }
    }
    assert!(seen > 100, "{seen} names of folders");
}

#[test]
fn the_order_of_the_folders_is_that_of_the_documentation() {
    let lib = include_str!("../src/lib.rs");
    for (folder, _) in KNOWS {
        assert!(lib.contains(&format!("| [`{folder}`]")), "`src/lib.rs` does not say what `{folder}` knows");
    }
}

#[test]
fn shapes_are_computed_in_one_folder() {
    assert_eq!(strays(&code(""), &["shape/"], |text| words(text).any(|word| word == "typenum")), [""; 0]);
}

#[test]
fn intrinsics_are_in_one_folder() {
    let is_intrinsic = |text: &str| text.contains("core::arch") || words(text).any(|word| word.starts_with("_mm"));
    assert_eq!(strays(&code(""), &["kernel/simd/isa/"], is_intrinsic), [""; 0]);
    assert_eq!(strays(&code(""), &ARCHITECTURE, |text| text.contains("target_arch")), [""; 0]);
}

#[test]
fn unsafe_code_is_where_it_is_the_purpose() {
    assert_eq!(strays(&code(""), &UNSAFE, |text| words(text).any(|word| word == "unsafe")), [""; 0]);
}

#[test]
fn a_model_names_no_layer() {
    let layers: Vec<String> = (code("layer").iter())
        .filter_map(|line| line.text.strip_prefix("pub struct ").or(line.text.strip_prefix("pub type ")))
        .filter_map(|rest| words(rest).next().map(str::to_owned))
        .filter(|layer| !layer.is_empty())
        .collect();
    assert!(layers.iter().any(|layer| layer == "Conv2d") && layers.len() > 20, "{layers:?}");
    for line in code("model").iter().chain(&code("module")) {
        // Messages may name a layer; in the code there is none.
        let code = line.text.split('"').next().unwrap_or_default();
        assert!(!words(code).any(|word| layers.iter().any(|layer| layer == word)), "{}: {}", line.file, line.text);
    }
}

/// The files of a folder of this package with the given extension.
fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.filter(|path| path.extension().is_some_and(|found| found == extension)).collect()
}

#[test]
fn the_guide_has_no_code() {
    let folder = format!("src/{GUIDE}");
    let code = files(&folder, "rs");
    assert_eq!(code.len(), 1, "the pages of the guide are `.md` files: {code:?}");
    let module = fs::read_to_string(&code[0]).expect("a source file");
    for line in module.lines().filter(|line| !line.is_empty() && !line.starts_with("//!") && !line.starts_with("#[doc"))
    {
        assert!(line.starts_with("pub mod ") && line.ends_with(" {}"), "{line}");
    }
    for page in files(&folder, "md") {
        let name = page.file_stem().expect("a name").to_string_lossy();
        let module = |text: &str| module.contains(&text.replace("page", &name));
        assert!(module("| [`page`] |") && module("include_str!(\"page.md\")") && module("pub mod page {}"), "{name}");
    }
}

/// What `tests/ui` expects of the compiler, word by word; only the lines with the place are left out.
#[test]
fn the_guide_shows_errors_as_the_compiler_writes_them() {
    let folders = ["tests/ui", "tests/ui/npy", "tests/ui/safetensors"];
    let messages: Vec<String> = (folders.iter().flat_map(|folder| files(folder, "stderr")))
        .map(|path| fs::read_to_string(path).expect("a message"))
        .map(|text| {
            text.lines().filter(|line| !line.trim_start().starts_with("-->")).map(|line| format!("{line}\n")).collect()
        })
        .collect();
    let page = include_str!("../src/guide/errors.md");
    let shown: Vec<&str> = page.split("```text\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(shown.len() > 10, "{} messages", shown.len());
    for text in shown {
        assert!(messages.iter().any(|message| message.starts_with(text)), "no test expects this message:\n{text}");
    }
}
