//! Entry points for proxy resolvers.

use windows_sys::Win32::Networking::WinHttp as w;

use super::{
    Code, Pending,
    arguments::{InBytes, InHandle, InText, Out},
    entry_points, memory, proxies,
};
use crate::{
    error::{Error, Result},
    handle::{self, Kind},
    proxy::{
        Proxy,
        auto::Way,
        resolver,
        settings::{self, Settings},
    },
};

entry_points! {
    fn WinHttpCreateProxyResolver(session: InHandle, resolver: Out<usize>) -> Code {
        handle::find_kind(session.get(), Kind::Session)?;
        if resolver.is_null() {
            return Err(Error::INVALID_PARAMETER);
        }
        resolver.put(resolver::create(session.get())?.handle.value());
        Ok(())
    }

    fn WinHttpGetProxyForUrlEx(
        resolver: InHandle,
        url: InText<'_>,
        options: Out<w::WINHTTP_AUTOPROXY_OPTIONS>,
        context: usize,
    ) -> Pending {
        let object = handle::find_kind(resolver.get(), Kind::Resolver)?;
        resolver::search(&object, proxies::search(url, options)?, context)
    }

    fn WinHttpGetProxyResult(resolver: InHandle, result: Out<w::WINHTTP_PROXY_RESULT>) -> Code {
        let object = handle::find_kind(resolver.get(), Kind::Resolver)?;
        if result.is_null() {
            return Err(Error::INVALID_PARAMETER);
        }
        let entries = match resolver::way(&object)? {
            Way::Direct => vec![w::WINHTTP_PROXY_RESULT_ENTRY { fBypass: 1, ..Default::default() }],
            Way::Through(proxies, _) => proxies.iter().map(entry).collect::<Result<Vec<_>>>()?,
        };
        result.put(w::WINHTTP_PROXY_RESULT {
            cEntries: entries.len() as u32,
            pEntries: memory::global_array(entries)?,
        });
        Ok(())
    }

    fn WinHttpFreeProxyResult(result: Out<w::WINHTTP_PROXY_RESULT>) -> () {
        let Some(old) = result.get() else { return Ok(()) };
        for at in 0..old.cEntries as usize {
            // SAFETY: the caller passes a result of WinHttpGetProxyResult, which has so many entries.
            let entry = unsafe { old.pEntries.add(at).read() };
            // SAFETY: its string was allocated for it.
            unsafe { memory::free(entry.pwszProxy) };
        }
        // SAFETY: and so were the entries.
        unsafe { memory::free(old.pEntries) };
        // The page: all members are zeroed.
        result.put(w::WINHTTP_PROXY_RESULT::default());
        Ok(())
    }

    fn WinHttpGetProxySettingsEx(
        resolver: InHandle,
        settings_type: i32,
        // Which connection's settings, and what its page calls TBD: all connections have the same settings here.
        _parameters: InBytes,
        context: usize,
    ) -> Pending {
        let object = handle::find_kind(resolver.get(), Kind::Resolver)?;
        settings::known(settings_type)?;
        resolver::read_settings(&object, context)
    }

    // The page says that the structure is allocated by this function, and gives it a pointer to one: the caller has
    // the structure, this function allocates what it points to.
    fn WinHttpGetProxySettingsResultEx(resolver: InHandle, out: Out<w::WINHTTP_PROXY_SETTINGS_EX>) -> Code {
        let object = handle::find_kind(resolver.get(), Kind::Resolver)?;
        if out.is_null() {
            return Err(Error::INVALID_PARAMETER);
        }
        out.put(settings_ex(&resolver::settings(&object)?)?);
        Ok(())
    }

    // The page has no return value, and all metadata a DWORD.
    fn WinHttpFreeProxySettingsEx(settings_type: i32, out: Out<w::WINHTTP_PROXY_SETTINGS_EX>) -> Code {
        settings::known(settings_type)?;
        let old = out.get().ok_or(Error::INVALID_PARAMETER)?;
        for at in 0..old.cProxyBypasses as usize {
            // SAFETY: the caller passes a result of WinHttpGetProxySettingsResultEx, which has so many strings, each
            // allocated for it.
            unsafe { memory::free(old.rgpcwszProxyBypasses.add(at).read().cast_mut()) };
        }
        // SAFETY: and so was everything else that it points to.
        unsafe {
            memory::free(old.rgpcwszProxyBypasses.cast_mut());
            memory::free(old.pcwszAutoconfigUrl.cast_mut());
            memory::free(old.pcwszProxy.cast_mut());
            memory::free(old.pcwszSecureProxy.cast_mut());
        }
        out.put(w::WINHTTP_PROXY_SETTINGS_EX::default());
        Ok(())
    }
}

fn entry(proxy: &Proxy) -> Result<w::WINHTTP_PROXY_RESULT_ENTRY> {
    let host: Vec<u16> = proxy.host.encode_utf16().collect();
    Ok(w::WINHTTP_PROXY_RESULT_ENTRY {
        fProxy: 1,
        fBypass: 0,
        ProxyScheme: proxy.scheme,
        pwszProxy: memory::global_text(Some(&host))?,
        ProxyPort: proxy.port,
    })
}

fn settings_ex(settings: &Settings) -> Result<w::WINHTTP_PROXY_SETTINGS_EX> {
    let text = |text: &Option<Box<[u16]>>| memory::global_text(text.as_deref()).map(<*mut u16>::cast_const);
    let bypasses: Vec<*const u16> = settings
        .bypasses
        .iter()
        .map(|bypass| memory::global_text(Some(bypass)).map(<*mut u16>::cast_const))
        .collect::<Result<_>>()?;
    Ok(w::WINHTTP_PROXY_SETTINGS_EX {
        ullGenerationId: settings.generation,
        ullFlags: settings.flags,
        pcwszAutoconfigUrl: text(&settings.auto_config_url)?,
        pcwszProxy: text(&settings.proxy)?,
        pcwszSecureProxy: text(&settings.secure_proxy)?,
        cProxyBypasses: bypasses.len() as u32,
        rgpcwszProxyBypasses: memory::global_array(bypasses)?,
        dwInterfaceIndex: 0,
        pcwszConnectionName: std::ptr::null(),
    })
}
