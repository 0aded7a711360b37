//! Structs of the API, laid out by the C rules for 32 and 64 bit.

mod table;

pub use table::STRUCTS;

/// One struct, as its page describes it.
#[derive(Clone, Copy, Debug)]
pub struct Struct {
    /// The documented name.
    pub name: &'static str,
    /// Members in order.
    pub fields: &'static [Field],
}

/// One member.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// The documented name; a member of a nested struct is `outer.inner`.
    pub name: &'static str,
    /// Its type.
    pub ty: FieldType,
}

/// The type of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldType {
    /// 8-bit number.
    U8,
    /// 16-bit number.
    U16,
    /// 32-bit number (`DWORD`, `BOOL`, enum).
    U32,
    /// 64-bit number.
    U64,
    /// `LPWSTR`.
    WideStr,
    /// Any other pointer, handle or `DWORD_PTR`.
    Pointer,
    /// That many bytes, aligned to the second number.
    Bytes(u32, u32),
    /// A nested struct.
    Struct(&'static str),
    /// That many of a struct (`WINHTTP_REQUEST_TIMES`…) or number, by element type name.
    U64Array(u32),
}

/// The width of a pointer on a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// 32 bit.
    W32,
    /// 64 bit.
    W64,
}

/// The struct of that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Struct> {
    STRUCTS.iter().find(|candidate| candidate.name == name)
}

impl Width {
    const fn pointer(self) -> u32 {
        match self {
            Self::W32 => 4,
            Self::W64 => 8,
        }
    }
}

impl FieldType {
    /// Size in bytes.
    #[must_use]
    pub fn size(self, width: Width) -> u32 {
        match self {
            Self::U8 => 1,
            Self::U16 => 2,
            Self::U32 => 4,
            Self::U64 => 8,
            Self::WideStr | Self::Pointer => width.pointer(),
            Self::Bytes(len, _) => len,
            Self::Struct(name) => nested(name).size(width),
            Self::U64Array(len) => len * 8,
        }
    }

    /// Alignment in bytes.
    #[must_use]
    pub fn align(self, width: Width) -> u32 {
        match self {
            Self::Bytes(_, align) => align,
            Self::Struct(name) => nested(name).align(width),
            Self::U64Array(_) => 8,
            scalar => scalar.size(width),
        }
    }
}

impl Struct {
    /// Size in bytes, with tail padding.
    #[must_use]
    pub fn size(&self, width: Width) -> u32 {
        let end = self.layout(width).last().map_or(0, |(field, offset)| offset + field.ty.size(width));
        end.next_multiple_of(self.align(width))
    }

    /// Alignment in bytes.
    #[must_use]
    pub fn align(&self, width: Width) -> u32 {
        self.fields.iter().map(|field| field.ty.align(width)).max().unwrap_or(1)
    }

    /// Every field with its offset in bytes.
    #[must_use]
    pub fn layout(&self, width: Width) -> Vec<(&'static Field, u32)> {
        let mut offset = 0_u32;
        self.fields
            .iter()
            .map(|field| {
                let at = offset.next_multiple_of(field.ty.align(width));
                offset = at + field.ty.size(width);
                (field, at)
            })
            .collect()
    }
}

/// A law over the table proves that every nested name is in it.
fn nested(name: &str) -> &'static Struct {
    find(name).unwrap_or_else(|| panic!("spec/src/structs/table.rs names a struct it does not define: {name}"))
}
