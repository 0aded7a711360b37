//! A re-implementation of the WinHTTP C API.
//!
//! The crate is three things at once: a library in process ([`table`] names every exported function with its
//! address), `libwinhttp.so` with `include/winhttp.h` for programs on Linux, and a drop-in `winhttp.dll` for Windows.
//!
//! A safe core has one file a concept; `unsafe` is allowed in the thin `abi` layer only, which turns a caller's
//! pointers into slices and options, results into return values and last errors, and panics into
//! `ERROR_WINHTTP_INTERNAL_ERROR`. Strings are UTF-16 and a DWORD has 32 bits on every platform. The only source is
//! Microsoft's documentation; where it contradicts itself, a comment names the pages and the reading that was chosen.
//!
//! # How it works
//!
//! A call of a synchronous session does its work on the calling thread, one of an asynchronous session on a worker,
//! which then calls back; what a callback asks for, its worker does next, or another one if the callback takes long. So
//! there is one core, and no callback that blocks keeps another request waiting. Callbacks are called without a lock.
//!
//! Connections are kept for the process: see `pool`. Bodies stream: what is read goes from the socket into the caller's
//! buffer, what is written from there into the socket, and no more than a few KiB are ever in between, unless a body is
//! decompressed. Buffers are lent, as the pages say, until the operation has completed; the optional data of
//! WinHttpSendRequest until the response was received or the handle closed.
//!
//! Closing a handle ends every wait of its operations, whether for a name, a connection, a place among the connections
//! or data. So does time, which is `clock`'s: no thread polls, and where nothing is under way none runs.
//!
//! # Configuration
//!
//! What Windows keeps in the registry is in a text file here: the one that `WINHTTP_CONFIG` names, else
//! `winhttp/config` below `$XDG_CONFIG_HOME`, `$HOME/.config` or `%APPDATA%`. A line is `key = value`; an empty
//! value is none, the last line of a key counts, a line that begins with `#` is a comment, unknown keys are ignored.
//! An environment variable overrides each key, also when it is empty: `WINHTTP_DEFAULT_PROXY` that of
//! `default-proxy`, and so on.
//!
//! | key | value |
//! | --- | --- |
//! | `default-proxy` | proxies of `WINHTTP_ACCESS_TYPE_DEFAULT_PROXY`; WinHttpSetDefaultProxyConfiguration writes this line and the next |
//! | `default-bypass` | servers that the default proxy is not for |
//! | `user-proxy` | the user's proxies, as WinHttpGetIEProxyConfigForCurrentUser and the automatic access type have them |
//! | `user-bypass` | servers that those are not for |
//! | `user-auto-detect` | `true` or `false` |
//! | `user-auto-config-url` | where the user's PAC file is |
//! | `default-secure-protocols` | the protocols that sessions begin with, as the registry value DefaultSecureProtocols has them: bits of `WINHTTP_FLAG_SECURE_PROTOCOL_`, decimal or with `0x` |
//! | `web-socket-keepalive-interval` | the keep-alive interval that WebSockets begin with, in milliseconds, as the registry value KeepaliveInterval has it; less than 15000 is 15000 |
//!
//! Lists are those of the page WINHTTP_PROXY_INFO:
//!
//! ```text
//! default-proxy = http=proxy.example:8080 https=secure.example:8443
//! default-bypass = <local>;*.example.com
//! ```
//!
//! The configuration is read when it is needed; nothing else of the environment is looked at.
//!
//! A program that changes the default proxy is not asked for privileges beyond writing the file.
//! WinHttpRegisterProxyChangeNotification tells of changes that the process makes itself.
#![deny(unsafe_code)]

mod abi;
mod auto_proxy;
mod clock;
mod code_page;
mod components;
mod config;
mod connection;
mod connection_group;
mod cookies;
mod decompress;
mod dial;
mod errand;
mod error;
mod handle;
mod headers;
mod http1;
mod http_date;
mod last_error;
mod notification;
mod operation;
mod option;
mod pool;
mod proxy;
mod request;
mod session;
mod timeouts;
mod url;
mod websocket;
mod wire;
mod worker;

pub use abi::table::{Entry, State, table};
