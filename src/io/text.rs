//! Text that can be put together in a `const`, where `format!` cannot.

/// ASCII text of at most `N` bytes; what does not fit is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Text<const N: usize> {
    bytes: [u8; N],
    len: usize,
}

impl<const N: usize> Text<N> {
    pub(crate) const fn new() -> Self {
        Self { bytes: [0; N], len: 0 }
    }

    pub(crate) const fn as_bytes(&self) -> &[u8] {
        self.bytes.split_at(self.len).0
    }

    pub(crate) const fn as_str(&self) -> &str {
        match str::from_utf8(self.as_bytes()) {
            Ok(text) => text,
            Err(_) => "",
        }
    }

    pub(crate) const fn byte(&mut self, byte: u8) {
        if self.len < N {
            self.bytes[self.len] = byte;
            self.len += 1;
        }
    }

    pub(crate) const fn bytes(&mut self, bytes: &[u8]) {
        let mut i = 0;
        while i < bytes.len() {
            self.byte(bytes[i]);
            i += 1;
        }
    }

    pub(crate) const fn str(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    /// Text of others, with question marks for what is not ASCII.
    pub(crate) const fn shown(&mut self, text: &str) {
        let mut i = 0;
        while i < text.len() {
            let byte = text.as_bytes()[i];
            self.byte(if byte.is_ascii_graphic() || byte == b' ' { byte } else { b'?' });
            i += 1;
        }
    }

    /// A number, decimal.
    pub(crate) const fn number(&mut self, number: usize) {
        if number >= 10 {
            self.number(number / 10);
        }
        self.byte(b'0' + (number % 10) as u8);
    }

    /// A byte as two hexadecimal digits.
    pub(crate) const fn hex(&mut self, byte: u8) {
        let digits = b"0123456789abcdef";
        self.byte(digits[(byte >> 4) as usize]);
        self.byte(digits[(byte & 15) as usize]);
    }

    /// The lengths of axes as Python writes a tuple: `()`, `(3,)`, `(3, 4)`.
    pub(crate) const fn tuple(&mut self, axes: &[usize]) {
        self.str("(");
        let mut i = 0;
        while i < axes.len() {
            if i > 0 {
                self.str(", ");
            }
            self.number(axes[i]);
            i += 1;
        }
        self.str(if axes.len() == 1 { ",)" } else { ")" });
    }
}
