//! Versions of Windows, as far as they take part in a verdict.

/// A Windows release by its version number: `since` of an option or a function, or what a subject claims to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Windows {
    /// 5 for XP, 6 for Vista to 8.1, 10 for Windows 10 and 11.
    pub major: u32,
    /// 0 for Vista, 1 for 7, 2 for 8, 3 for 8.1; 0 for 10 and 11.
    pub minor: u32,
    /// 18362 for Windows 10 version 1903; 0 where the documentation names no build.
    pub build: u32,
}

impl Windows {
    /// Windows 2000 SP3 and XP: the oldest the documentation knows.
    pub const XP: Self = Self::new(5, 0, 0);
    /// Windows Vista.
    pub const VISTA: Self = Self::new(6, 0, 6000);
    /// Windows 7.
    pub const SEVEN: Self = Self::new(6, 1, 7600);
    /// Windows 8.
    pub const EIGHT: Self = Self::new(6, 2, 9200);
    /// Windows 8.1.
    pub const EIGHT_1: Self = Self::new(6, 3, 9600);
    /// Windows 10, version 1607.
    pub const V1607: Self = Self::new(10, 0, 14393);
    /// Windows 10, version 1803.
    pub const V1803: Self = Self::new(10, 0, 17134);
    /// Windows 10, version 1809.
    pub const V1809: Self = Self::new(10, 0, 17763);
    /// Windows 10, version 1903.
    pub const V1903: Self = Self::new(10, 0, 18362);
    /// Windows 10, version 2004.
    pub const V2004: Self = Self::new(10, 0, 19041);
    /// Windows 10, version 21H1.
    pub const V21H1: Self = Self::new(10, 0, 19043);
    /// Windows 11 (21H2).
    pub const ELEVEN: Self = Self::new(10, 0, 22000);

    /// A version by its numbers.
    #[must_use]
    pub const fn new(major: u32, minor: u32, build: u32) -> Self {
        Self { major, minor, build }
    }
}
