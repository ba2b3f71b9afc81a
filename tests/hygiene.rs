//! `model!` and `module!` leave the names of a program alone: models and layers may be called anything, attributes
//! decide about all that they should, and a crate that denies what is not documented or not safe compiles.
#![deny(missing_docs)]
#![forbid(unsafe_code)]
#![allow(non_snake_case, clippy::upper_case_acronyms)] // Modules have the names of what is in them.

/// A model of each name, and a model with a layer of each name.
macro_rules! named {
    ($($name:ident)*) => { $(
        mod $name {
            mod as_model {
                use constconv::prelude::{Linear, Matrix, Relu, model};

                model! {
                    pub $name: Matrix<f32, 1, 2> => {
                        fc: Linear<f32, 2, 2>,
                        relu: Relu,
                    }
                }

                #[test]
                fn runs() {
                    use constconv::module::Module as _;
                    assert_eq!(<$name as constconv::module::Module>::BLANK.forward(&Matrix::full(1.0)), Matrix::<f32, 1, 2>::full(0.0));
                }
            }

            mod as_layer {
                use constconv::{model, module};

                type Vector = constconv::tensor::Vector<f32, 2>;

                /// y = w · x.
                #[derive(Clone, Debug, PartialEq)]
                pub struct $name {
                    weight: Vector,
                }

                module! { [] $name, of f32 {
                    parameter weight: Vector,
                }; fan_in: 1 }

                impl constconv::module::Layer<Vector> for $name {
                    type Output = Vector;
                    type Workspace = ();
                    const MULTIPLY_ADDS: usize = 2;

                    fn forward_pass(&self, x: &Vector, y: &mut Vector, (): &mut ()) {
                        y.copy_from(&x.zip(&self.weight, |x, w| w * x));
                    }
                }

                impl constconv::module::Backward<Vector> for $name {
                    type Tape = ();

                    fn forward_train_pass(&self, x: &Vector, y: &mut Vector, (): &mut ()) {
                        constconv::module::Layer::forward_pass(self, x, y, &mut ());
                    }

                    fn backward_pass(
                        &self,
                        x: &Vector,
                        _y: &Vector,
                        dy: &Vector,
                        (): &mut (),
                        dx: core::option::Option<&mut Vector>,
                        gradient: &mut Self,
                    ) {
                        gradient.weight = gradient.weight.zip(&x.zip(dy, |x, dy| dy * x), |a, b| a + b);
                        if let Some(dx) = dx {
                            dx.copy_from(&dy.zip(&self.weight, |dy, w| dy * w));
                        }
                    }
                }

                model! {
                    pub Net: Vector => {
                        first: $name,
                        second: $name,
                    }
                }

                #[test]
                fn runs() {
                    use constconv::module::{Module as _, Initialize as _};
                    let mut net = Net::BLANK;
                    net.initialize(&mut || 0.75); // weights of ½
                    let x = Vector::new([2.0, 4.0]);
                    assert_eq!(net.forward(&x), Vector::new([0.5, 1.0]));
                    let (dx, gradient) = net.backward(&x, &Vector::new([1.0, 1.0]));
                    assert_eq!((dx, gradient.second.weight), (Vector::full(0.25), Vector::new([1.0, 2.0])));
                }
            }
        }
    )* };
}

named! {
    Rule Layers Sequence TrainSequence List Chain Last Gradient Visitor VisitorMut Array Elements Layer Module Backward
    Parameters GradientParameters Initialize Feeds Trains Zeroed Storage Either Model ModelTape ModelWorkspace Record
    Place Anywhere Free OnlyFirst AfterOthers AfterTheFirst Input Output Workspace Tape X L P T A R Flow Real Scalar
    Option Clone Debug PartialEq Default PhantomData STATES BLANK
}

mod attributes {
    use constconv::prelude::*;

    model! {
        /// Not there, and so is what it names.
        #[cfg(any())]
        pub Gone: Nothing => {
            layer: Missing,
        }
    }

    model! {
        /// There.
        #[cfg(all())]
        #[derive(Eq)]
        #[allow(non_camel_case_types)]
        pub here: Vector<i32, 2> => {
            /// Documented, and there.
            #[cfg(all())]
            first: Relu,
            #[cfg(any())]
            /// Not there.
            second: Missing,
            #[allow(dead_code)]
            third: Relu,
        }
    }

    #[test]
    fn a_layer_is_there_or_not() {
        let here { first: Relu, third: Relu } = here::BLANK;
        assert_eq!(here::BLANK.forward(&Vector::new([-1, 2])), Vector::new([0, 2]));
        fn is_eq<A: Eq>(_: &A) {}
        is_eq(&here::BLANK);
    }
}

mod generic {
    use constconv::prelude::*;

    model! {
        /// Parameters of both kinds, with defaults.
        pub Block<const C: usize, T: Real = f32, const K: usize = 3>: Tensor<T, 1, C, 8, 8> => {
            conv: Conv2d<T, C, C, Kernel<K>>,
            relu: Relu,
        }
    }

    /// Parameters with names that the library's own code has for its variables.
    macro_rules! parameters {
        ($($name:ident)*) => { $(
            mod $name {
                use constconv::prelude::*;

                model! {
                    #[allow(non_upper_case_globals)]
                    pub Net<const $name: usize>: Matrix<f32, 1, $name> => {
                        fc: Linear<f32, $name, $name>,
                        relu: Relu,
                    }
                }

                #[test]
                fn compiles() {
                    assert_eq!(Net::<3>::PARAMETERS, 12);
                    let (dx, _) = Net::<3>::BLANK.backward(&Matrix::<f32, 1, 3>::zeros(), &Matrix::zeros());
                    assert_eq!(dx, Matrix::zeros());
                }
            }
        )* };
    }

    parameters! {
        x y dx dy w dw b db front back inner layers gradients gradient record tape workspace state rule visitor elements
        uniform f other start check rest layer
    }

    model! {
        /// A bound that stands apart.
        pub Bounded<L>: Vector<f32, 2> where L: Module + 'static => {
            relu: Relu,
            own: L,
        }
    }

    model! {
        /// Of instances.
        pub Net: Tensor<f32, 1, 2, 8, 8> => {
            first: Block<2>,
            second: Block<2, f32, 5>,
        }
    }

    #[test]
    fn instances_are_layers() {
        let mut net = Net::BLANK;
        net.first.conv.weight.fill(1.0);
        net.second.conv.weight.fill(1.0);
        let x = Tensor::<f32, 3, 2, 8, 8>::full(1.0);
        assert_eq!(net.forward(&x), Tensor::<f32, 3, 2, 2, 2>::full(18.0 * 50.0));
        let (_, gradient) = net.backward(&x, &Tensor::full(1.0));
        assert_eq!(gradient.second.conv.bias, Vector::full(12.0));
        assert_eq!(Net::PARAMETERS, (2 * 2 * 9 + 2) + (2 * 2 * 25 + 2));
        let double = Block::<1, f64>::BLANK;
        assert_eq!(double.forward(&Tensor::<f64, 1, 1, 3, 3>::zeros()).shape(), [1, 1, 1, 1]);
        assert_eq!(Bounded::<Relu>::BLANK.forward(&Vector::new([-1.0, 1.0])), Vector::new([0.0, 1.0]));
    }
}
