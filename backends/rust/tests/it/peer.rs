//! A server for one test: a listener whose one connection a closure serves.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    thread::JoinHandle,
};

use socket2::{Domain, Socket, Type};
use tungstenite::handshake::derive_accept_key;

/// A peer on a port of its own; joined when dropped, so that its assertions count.
pub(crate) struct Peer {
    pub(crate) port: u16,
    thread: Option<JoinHandle<()>>,
}

impl Peer {
    /// Serves one connection.
    pub(crate) fn new(serve: impl FnOnce(&mut Client) + Send + 'static) -> Peer {
        let mut serve = Some(serve);
        Peer::again(1, move |client, _| serve.take().unwrap()(client))
    }

    /// Serves so many connections, one after the other; the closure learns which it is.
    pub(crate) fn again(count: usize, mut serve: impl FnMut(&mut Client, usize) + Send + 'static) -> Peer {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let thread = std::thread::spawn(move || {
            for nth in 0..count {
                serve(&mut Client(BufReader::new(listener.accept().unwrap().0)), nth);
            }
        });
        Peer { port, thread: Some(thread) }
    }

    /// Answers the upgrade to a WebSocket, then serves frames.
    pub(crate) fn web_socket(serve: impl FnOnce(&mut Client) + Send + 'static) -> Peer {
        Peer::new(|client: &mut Client| {
            let head = client.head();
            let key = head.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Key: ")).unwrap();
            let accept = derive_accept_key(key.as_bytes());
            let switching =
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
            client.write(format!("{switching}Sec-WebSocket-Accept: {accept}\r\n\r\n").as_bytes());
            serve(client);
        })
    }

    /// Reads a head and answers with these bytes, once.
    pub(crate) fn answering(response: &str) -> Peer {
        let response = response.to_owned();
        Peer::new(move |client| {
            client.head();
            client.write(response.as_bytes());
        })
    }
}

impl Peer {
    /// Leaves it waiting for a client that does not come.
    pub(crate) fn give_up(mut self) {
        self.thread.take();
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let Some(thread) = self.thread.take() else { return };
        let ended = thread.join();
        if !std::thread::panicking() {
            ended.unwrap();
        }
    }
}

/// The client's end as the peer has it.
pub(crate) struct Client(BufReader<TcpStream>);

impl Client {
    /// Reads a request's head, up to and without the empty line.
    pub(crate) fn head(&mut self) -> String {
        let mut head = String::new();
        loop {
            let mut line = String::new();
            self.0.read_line(&mut line).unwrap();
            if line == "\r\n" || line.is_empty() {
                return head;
            }
            head.push_str(&line);
        }
    }

    pub(crate) fn exactly(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        self.0.read_exact(&mut bytes).unwrap();
        bytes
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) {
        self.0.get_mut().write_all(bytes).unwrap();
    }

    /// Closes the connection.
    pub(crate) fn shut_down(&mut self) {
        self.0.get_ref().shutdown(Shutdown::Both).unwrap();
    }

    /// Waits for the other end to close.
    pub(crate) fn until_closed(&mut self) {
        self.rest();
    }

    /// What comes before the other end closes.
    pub(crate) fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        // A reset is an end as well.
        let _ = self.0.read_to_end(&mut rest);
        rest
    }
}

/// A server with no room for a further connection: it neither accepts nor refuses one.
pub(crate) struct Full {
    pub(crate) port: u16,
    _listener: Socket,
    _waiting: Vec<Socket>,
}

impl Full {
    pub(crate) fn new() -> Full {
        let listener = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        listener.bind(&"127.0.0.1:0".parse::<SocketAddr>().unwrap().into()).unwrap();
        listener.listen(0).unwrap();
        let address = listener.local_addr().unwrap().as_socket().unwrap();
        let connect = |_| {
            let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
            socket.set_nonblocking(true).unwrap();
            // Those that find no room go on trying.
            let _ = socket.connect(&address.into());
            socket
        };
        Full { port: address.port(), _waiting: (0..4).map(connect).collect(), _listener: listener }
    }
}
