//! The functions a plan may call.

/// The address of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address(pub *const ());

// SAFETY: an address is a number; whoever calls through it answers for the call (see `Table::new`).
#[allow(unsafe_code)]
unsafe impl Send for Address {}
// SAFETY: as above.
#[allow(unsafe_code)]
unsafe impl Sync for Address {}

type Lookup = dyn Fn(&str) -> Option<Address> + Send;

/// Functions by name.
pub struct Table {
    lookup: Box<Lookup>,
    /// A plan calls a few functions many times: looking through them is quicker than hashing.
    known: Vec<(String, Option<Address>)>,
}

impl Table {
    /// A table that asks `lookup` once for each name.
    ///
    /// # Safety
    ///
    /// Every address that `lookup` returns is that of an `extern "system"` function that takes nothing but
    /// integers and pointers of at most the machine's word size, returns such a one or nothing, and stays
    /// loaded as long as the table.
    #[allow(unsafe_code)]
    pub unsafe fn new(lookup: impl Fn(&str) -> Option<Address> + Send + 'static) -> Self {
        Self { lookup: Box::new(lookup), known: Vec::new() }
    }

    /// The function of that name, if there is one.
    pub fn find(&mut self, name: &str) -> Option<Address> {
        if let Some((_, known)) = self.known.iter().find(|(known, _)| known == name) {
            return *known;
        }
        let found = (self.lookup)(name);
        self.known.push((name.to_owned(), found));
        found
    }
}
