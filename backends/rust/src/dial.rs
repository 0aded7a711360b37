//! Connecting: looking up a name, and trying its addresses one after the other. Page: option-flags
//! (`WINHTTP_OPTION_RESOLVE_TIMEOUT`, `..._CONNECT_RETRIES`, `..._CONNECT_TIMEOUT`, `..._IPV6_FAST_FALLBACK`,
//! `..._TCP_KEEPALIVE`).

use std::{
    io,
    net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs},
    sync::Arc,
    time::Duration,
};

use socket2::{SockRef, TcpKeepalive};
use windows_sys::Win32::Networking::WinHttp as w;

use crate::{
    clock::{self, Moment},
    errand::{self, Waiting},
    error::{Error, Result},
    last_error::note_socket_error,
    notification::Notice,
    option::{Settings, Value},
    pool::Target,
    request::Marks,
    url::wide,
    wire::Wire,
};

/// How long the first IPv6 address is given where IPv4 is there to fall back to.
const SHORT: Duration = Duration::from_millis(300);

/// Resolves a name and connects to the first of its addresses that answers, and says so. The resolving began at
/// `since`; whoever has `waiting` can end it all. A connection that was there before, if `instead` has one, will do as
/// well.
pub(crate) fn connect(
    say: &dyn Fn(Notice<'_>),
    waiting: &Arc<Waiting>,
    target: &Target,
    settings: &Settings,
    since: Moment,
    marks: &mut Marks,
    instead: impl Fn() -> Option<Wire>,
) -> Result<Wire> {
    let name = &*target.name;
    say(Notice::ResolvingName(&wide(name)));
    marks.now(w::WinHttpNameResolutionStart);
    let due = settings.timeout(w::WINHTTP_OPTION_RESOLVE_TIMEOUT).map(|timeout| since + timeout);
    let addresses = resolve(waiting, target, due)?;
    marks.now(w::WinHttpNameResolutionEnd);
    let mut since = clock::now();
    say(Notice::NameResolved(&wide(name)));
    let timeout = settings.timeout(w::WINHTTP_OPTION_CONNECT_TIMEOUT);
    let attempts = if settings.dword(w::WINHTTP_OPTION_IPV6_FAST_FALLBACK) != 0 {
        fast_fallback(&addresses, timeout)
    } else {
        addresses.into_iter().map(|address| (address, timeout)).collect()
    };
    let most = settings.dword(w::WINHTTP_OPTION_CONNECT_RETRIES) as usize;
    let mut failure = Error::CANNOT_CONNECT;
    marks.now(w::WinHttpConnectionEstablishmentStart);
    for (address, timeout) in attempts.into_iter().take(most.max(1)) {
        let spelled = wide(&address.ip().to_string());
        say(Notice::Connecting(&spelled));
        let due = timeout.map(|timeout| since + timeout);
        let probes = wanted_probes(settings);
        let open = move || attempt(address, timeout).and_then(|stream| adopt(stream, probes));
        match errand::run_unless(waiting, due, open, || instead().map(Ok)) {
            Ok(Ok(kept)) if kept.place.is_some() => return Ok(kept),
            Ok(Ok(wire)) => {
                marks.now(w::WinHttpConnectionEstablishmentEnd);
                say(Notice::Connected(&spelled));
                return Ok(wire);
            }
            Ok(Err(error)) => {
                note_socket_error(&error);
                let late = error.kind() == io::ErrorKind::TimedOut;
                failure = if late { Error::TIMEOUT } else { Error::CANNOT_CONNECT };
            }
            Err(Error::TIMEOUT) => {
                note_socket_error(&io::ErrorKind::TimedOut.into());
                failure = Error::TIMEOUT;
            }
            Err(error) => return Err(error),
        }
        marks.connection_failed();
        since = clock::now();
    }
    Err(failure)
}

/// The addresses of a name; an address is its own.
fn resolve(waiting: &Arc<Waiting>, target: &Target, due: Option<Moment>) -> Result<Vec<SocketAddr>> {
    let (name, port) = (target.name.clone(), target.port);
    let bare = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(&name);
    if let Ok(address) = bare.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    let resolved = errand::run(waiting, due, move || {
        (&*name, port).to_socket_addrs().map(|addresses| addresses.collect::<Vec<_>>())
    })?;
    resolved.map_err(|error| {
        note_socket_error(&error);
        Error::NAME_NOT_RESOLVED
    })
}

/// The time is that of the system: nobody waits any more when this one ends.
fn attempt(address: SocketAddr, timeout: Option<Duration>) -> io::Result<TcpStream> {
    match timeout {
        Some(timeout) => TcpStream::connect_timeout(&address, timeout),
        None => TcpStream::connect(address),
    }
}

fn adopt(stream: TcpStream, probes: Option<TcpKeepalive>) -> io::Result<Wire> {
    if let Some(probes) = probes {
        SockRef::from(&stream).set_tcp_keepalive(&probes)?;
    }
    Wire::over(stream)
}

/// The keep-alive probes that are wanted.
fn wanted_probes(settings: &Settings) -> Option<TcpKeepalive> {
    match settings.get(w::WINHTTP_OPTION_TCP_KEEPALIVE) {
        Some(Value::Bytes(bytes)) => keep_alive(bytes),
        _ => None,
    }
}

/// The order of Happier Eyeballs: the first IPv6 address for a short time, the first IPv4 address, that IPv6 address
/// once more, and then the others. Without addresses of both kinds it is the ordinary order.
fn fast_fallback(addresses: &[SocketAddr], timeout: Option<Duration>) -> Vec<(SocketAddr, Option<Duration>)> {
    let ordinary = |address: &SocketAddr| (*address, timeout);
    let first = |v6: bool| addresses.iter().find(|address| address.is_ipv6() == v6);
    let (Some(v6), Some(v4)) = (first(true), first(false)) else {
        return addresses.iter().map(ordinary).collect();
    };
    let short = timeout.map_or(SHORT, |timeout| timeout.min(SHORT));
    let others = addresses.iter().filter(|address| *address != v6 && *address != v4);
    [(*v6, Some(short)), ordinary(v4), ordinary(v6)].into_iter().chain(others.map(ordinary)).collect()
}

/// What a `tcp_keepalive` asks for: three numbers, of which the first switches it on and the others are milliseconds.
fn keep_alive(bytes: &[u8]) -> Option<TcpKeepalive> {
    let number = |at: usize| bytes.get(at..)?.first_chunk().map(|four| u32::from_ne_bytes(*four));
    let (on, time, interval) = (number(0)?, number(4)?, number(8)?);
    // The socket counts in seconds.
    let seconds = |milliseconds: u32| Duration::from_secs(u64::from(milliseconds.div_ceil(1000)).max(1));
    (on != 0).then(|| TcpKeepalive::new().with_time(seconds(time)).with_interval(seconds(interval)))
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use rstest::rstest;

    use super::*;

    fn addresses(spelled: &str) -> Vec<SocketAddr> {
        spelled.split(' ').map(|address| address.parse().unwrap()).collect()
    }

    #[rstest]
    #[case::both("1.1.1.1:1 [::1]:1 2.2.2.2:1 [::2]:1", "[::1]:1 1.1.1.1:1 [::1]:1 2.2.2.2:1 [::2]:1", true)]
    #[case::only_v4("1.1.1.1:1 2.2.2.2:1", "1.1.1.1:1 2.2.2.2:1", false)]
    #[case::only_v6("[::1]:1 [::2]:1", "[::1]:1 [::2]:1", false)]
    fn fast_fallback_tries_both_kinds_first(
        #[case] resolved: &str,
        #[case] tried: &str,
        #[case] first_is_short: bool,
    ) {
        let attempts = fast_fallback(&addresses(resolved), Some(Duration::from_secs(60)));
        let order: Vec<SocketAddr> = attempts.iter().map(|(address, _)| *address).collect();
        assert_eq!(order, addresses(tried));
        assert_eq!(attempts[0].1 == Some(SHORT), first_is_short);
    }

    #[rstest]
    #[case::on(1, true)]
    #[case::off(0, false)]
    fn keep_alive_probes_are_switched_on(#[case] on: u32, #[case] probes: bool) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut settings = Settings::default();
        let bytes: Vec<u8> = [on, 30_000, 1_000].into_iter().flat_map(u32::to_ne_bytes).collect();
        settings.put(w::WINHTTP_OPTION_TCP_KEEPALIVE, Value::Bytes(bytes.into()));
        let wire =
            adopt(attempt(listener.local_addr().unwrap(), None).unwrap(), wanted_probes(&settings)).unwrap();
        assert_eq!(SockRef::from(wire.socket().stream()).keepalive().unwrap(), probes);
    }
}
