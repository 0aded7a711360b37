//! Structs of the API, laid out by the C rules for 32 and 64 bit.

mod table;

pub use table::STRUCTS;

/// One struct, as its page describes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Struct {
    /// The documented name.
    pub name: &'static str,
    /// Members in order.
    pub fields: &'static [Field],
    /// `winhttp.h` packs its structs to 4 bytes in 32-bit builds: no member is aligned to more.
    pub packed_on_32: bool,
}

/// One member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// The documented name. [`Struct::member`] finds a member of a nested struct as `outer.inner`, an element of an
    /// array as `array[3]`.
    pub name: &'static str,
    /// Its type.
    pub ty: FieldType,
    /// Member of a union: starts where the member before it starts.
    pub overlaps: bool,
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
    /// `LPWSTR`: pointer to zero-terminated UTF-16.
    WideStr,
    /// `LPSTR`: pointer to zero-terminated 8-bit text.
    NarrowStr,
    /// Any other pointer, handle or `DWORD_PTR`.
    Pointer,
    /// That many bytes, aligned to the second number.
    Bytes(u32, u32),
    /// A nested struct.
    Struct(&'static str),
    /// That many 64-bit numbers.
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

impl FieldType {
    /// Size in bytes.
    #[must_use]
    pub fn size(self, width: Width) -> u32 {
        match self {
            Self::U8 => 1,
            Self::U16 => 2,
            Self::U32 => 4,
            Self::U64 => 8,
            Self::WideStr | Self::NarrowStr | Self::Pointer => width.pointer(),
            Self::Bytes(len, _) => len,
            Self::Struct(name) => expect(name).size(width),
            Self::U64Array(len) => len * 8,
        }
    }

    /// The type of an array's element and its offset in bytes.
    #[must_use]
    pub const fn element(self, index: u32) -> Option<(Self, u32)> {
        match self {
            Self::Bytes(len, _) if index < len => Some((Self::U8, index)),
            Self::U64Array(len) if index < len => Some((Self::U64, index * 8)),
            _ => None,
        }
    }

    /// Alignment in bytes.
    #[must_use]
    pub fn align(self, width: Width) -> u32 {
        match self {
            Self::Bytes(_, align) => align,
            Self::Struct(name) => expect(name).align(width),
            Self::U64Array(_) => 8,
            scalar => scalar.size(width),
        }
    }
}

impl Struct {
    /// Size in bytes, with tail padding.
    #[must_use]
    pub fn size(&self, width: Width) -> u32 {
        let end = self.layout(width).iter().map(|(field, offset)| offset + field.ty.size(width)).max();
        end.unwrap_or(0).next_multiple_of(self.align(width))
    }

    /// Alignment in bytes.
    #[must_use]
    pub fn align(&self, width: Width) -> u32 {
        self.fields.iter().map(|field| self.field_align(field, width)).max().unwrap_or(1)
    }

    /// Every member with its offset in bytes.
    #[must_use]
    pub fn layout(&self, width: Width) -> Vec<(&'static Field, u32)> {
        let (mut start, mut end) = (0_u32, 0_u32);
        self.fields
            .iter()
            .map(|field| {
                if !field.overlaps {
                    start = end.next_multiple_of(self.field_align(field, width));
                }
                end = end.max(start + field.ty.size(width));
                (field, start)
            })
            .collect()
    }

    /// The type of the member at a path and its offset in bytes: `outer.inner` for a member of a nested struct,
    /// `array[3]` for an element.
    #[must_use]
    pub fn member(&self, path: &str, width: Width) -> Option<(FieldType, u32)> {
        let (outer, inner) = path.split_once('.').map_or((path, None), |(outer, inner)| (outer, Some(inner)));
        let (name, index) = match outer.split_once('[') {
            Some((name, index)) => (name, Some(index.strip_suffix(']')?.parse().ok()?)),
            None => (outer, None),
        };
        let (field, offset) = self.layout(width).into_iter().find(|(field, _)| field.name == name)?;
        let (ty, offset) = match index {
            Some(index) => field.ty.element(index).map(|(ty, within)| (ty, offset + within))?,
            None => (field.ty, offset),
        };
        match (inner, ty) {
            (None, _) => Some((ty, offset)),
            (Some(inner), FieldType::Struct(name)) => {
                expect(name).member(inner, width).map(|(ty, within)| (ty, offset + within))
            }
            (Some(_), _) => None,
        }
    }

    fn field_align(&self, field: &Field, width: Width) -> u32 {
        let natural = field.ty.align(width);
        if self.packed_on_32 && width == Width::W32 { natural.min(4) } else { natural }
    }
}

impl Width {
    /// Size of a pointer in bytes.
    #[must_use]
    pub const fn pointer(self) -> u32 {
        match self {
            Self::W32 => 4,
            Self::W64 => 8,
        }
    }
}

/// The struct of a name that one of our own tables writes.
///
/// # Panics
/// Where the table does not define it; a law over all tables proves that each name is defined.
pub(crate) fn expect(name: &str) -> &'static Struct {
    find(name).unwrap_or_else(|| {
        panic!("spec/src/structs/table.rs lacks a struct that another table names: {name}")
    })
}
