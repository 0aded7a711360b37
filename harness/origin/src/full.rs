//! A listener without room for a further connection: it neither accepts nor refuses one.
//!
//! Linux drops what asks for a connection while the queue of those that wait to be accepted is full, and whoever
//! connects asks again and again. Windows refuses then, and other systems count the queue in ways of their own.

use mio::net::{TcpListener, TcpStream};
use std::io;

/// Whether the peer can be unreachable on this system.
pub const CAN_BE_UNREACHABLE: bool = cfg!(target_os = "linux");

/// Keeps a listener's queue full as long as it exists and nobody accepts.
pub(crate) struct Full {
    _waiting: TcpStream,
}

impl Full {
    #[cfg(target_os = "linux")]
    pub(crate) fn fill(listener: &TcpListener) -> io::Result<Full> {
        // A queue of length 0 has room for one.
        socket2::SockRef::from(listener).listen(0)?;
        let waiting = TcpStream::connect(listener.local_addr()?)?;
        wait_until_somebody_waits(listener)?;
        Ok(Full { _waiting: waiting })
    }

    #[cfg(not(target_os = "linux"))]
    pub(crate) fn fill(_: &TcpListener) -> io::Result<Full> {
        Err(io::Error::new(io::ErrorKind::Unsupported, "no connection is left waiting on this system"))
    }
}

/// A connection of one's own may be on its way for a moment; it is in the queue when there is something to accept.
#[cfg(target_os = "linux")]
fn wait_until_somebody_waits(listener: &TcpListener) -> io::Result<()> {
    use mio::{Events, Interest, Poll, Token};
    use std::os::fd::AsFd;
    use std::time::Duration;

    /// Only so that a defect is told of instead of waited for.
    const LONG: Duration = Duration::from_secs(10);

    // Another poll watches the listener itself already.
    let same = listener.as_fd().try_clone_to_owned()?;
    let mut same = TcpListener::from_std(same.into());
    let (mut poll, mut happenings) = (Poll::new()?, Events::with_capacity(1));
    poll.registry().register(&mut same, Token(0), Interest::READABLE)?;
    while happenings.is_empty() {
        match poll.poll(&mut happenings, Some(LONG)) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
            Ok(()) if happenings.is_empty() => return Err(io::ErrorKind::TimedOut.into()),
            Ok(()) => {}
        }
    }
    Ok(())
}
