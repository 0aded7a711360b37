//! What the system claims to be.

/// The version of Windows, `[major, minor, build]`; `None` elsewhere.
#[must_use]
#[cfg(not(windows))]
pub fn windows_version() -> Option<[u32; 3]> {
    None
}

/// The version of Windows, `[major, minor, build]`.
#[must_use]
#[cfg(windows)]
#[allow(unsafe_code)]
pub fn windows_version() -> Option<[u32; 3]> {
    use windows_sys::Win32::System::LibraryLoader::{GetModuleHandleW, GetProcAddress};
    use windows_sys::Win32::System::SystemInformation::OSVERSIONINFOW;

    // RtlGetVersion is looked up, because GetVersionEx tells a program without a manifest that this is Windows 8.
    // SAFETY: ntdll is loaded in every process; the name is zero-terminated.
    let function = unsafe {
        GetProcAddress(GetModuleHandleW(windows_sys::w!("ntdll.dll")), c"RtlGetVersion".as_ptr().cast())
    }?;
    // SAFETY: the documented prototype of RtlGetVersion.
    let get: unsafe extern "system" fn(*mut OSVERSIONINFOW) -> i32 = unsafe { std::mem::transmute(function) };
    let mut version = OSVERSIONINFOW {
        dwOSVersionInfoSize: size_of::<OSVERSIONINFOW>() as u32,
        ..OSVERSIONINFOW::default()
    };
    // SAFETY: `version` is a valid struct with its size set.
    let status = unsafe { get(&mut version) };
    (status == 0).then_some([version.dwMajorVersion, version.dwMinorVersion, version.dwBuildNumber])
}

/// Wine's version, where the system is Wine.
#[must_use]
#[cfg(not(windows))]
pub(crate) fn wine_version() -> Option<String> {
    None
}

/// Wine's version, where the system is Wine.
#[must_use]
#[cfg(windows)]
#[allow(unsafe_code)]
pub(crate) fn wine_version() -> Option<String> {
    use windows_sys::Win32::System::LibraryLoader::{GetModuleHandleW, GetProcAddress};

    // SAFETY: ntdll is loaded in every process; the name is zero-terminated.
    let function = unsafe {
        GetProcAddress(GetModuleHandleW(windows_sys::w!("ntdll.dll")), c"wine_get_version".as_ptr().cast())
    }?;
    // SAFETY: Wine's developer documentation gives this prototype.
    let get: unsafe extern "C" fn() -> *const std::ffi::c_char = unsafe { std::mem::transmute(function) };
    // SAFETY: it returns a static zero-terminated text.
    Some(unsafe { std::ffi::CStr::from_ptr(get()) }.to_string_lossy().into_owned())
}
