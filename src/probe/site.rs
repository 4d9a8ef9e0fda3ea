//! The server as a browser sees it: HTTP with cookies, and live sockets, plain or over TLS.

use std::{collections::BTreeMap, path::Path, sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use http_body_util::{BodyExt, Full};
use hyper::{Method, Request, Response, Uri, body::Incoming};
use hyper_util::rt::TokioIo;
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    sync::mpsc,
};
use tokio_rustls::TlsConnector;
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Message, client::IntoClientRequest, http::HeaderValue},
};

use super::ProbeError;

/// How long one exchange may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// Pages say that they are there so often.
const PING: Duration = Duration::from_secs(5);

/// Where a server is.
pub(super) struct Site {
    is_tls: bool,
    host: String,
    port: u16,
    tls: Arc<ClientConfig>,
}

trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

impl Site {
    pub(super) fn parse(url: &str, ca: Option<&Path>) -> Result<Self, ProbeError> {
        let bad = || ProbeError::BadUrl(url.to_owned());
        let uri: Uri = url.parse().map_err(|_| bad())?;
        let is_tls = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(bad()),
        };
        let host = uri.host().ok_or_else(bad)?.trim_matches(['[', ']']).to_owned();
        let port = uri.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
        Ok(Self { is_tls, host, port, tls: Arc::new(tls(ca)?) })
    }

    /// Which address of ours leads there.
    pub(super) async fn own_address(&self) -> Result<std::net::IpAddr, ProbeError> {
        Ok(self.dial().await?.local_addr().map_err(unreachable)?.ip())
    }

    fn authority(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        if self.port == if self.is_tls { 443 } else { 80 } { host } else { format!("{host}:{}", self.port) }
    }

    fn origin(&self) -> String {
        format!("{}://{}", if self.is_tls { "https" } else { "http" }, self.authority())
    }

    async fn dial(&self) -> Result<TcpStream, ProbeError> {
        let dialled = tokio::time::timeout(PATIENCE, TcpStream::connect((self.host.as_str(), self.port))).await;
        dialled.map_err(|_| ProbeError::TooLate("the server took no connection", PATIENCE))?.map_err(unreachable)
    }

    async fn connect(&self) -> Result<Box<dyn Wire>, ProbeError> {
        let tcp = self.dial().await?;
        // Small messages both ways: waiting to fill a packet would be measured as the server's slowness.
        tcp.set_nodelay(true).map_err(unreachable)?;
        if !self.is_tls {
            return Ok(Box::new(tcp));
        }
        let name = ServerName::try_from(self.host.clone()).map_err(|_| ProbeError::BadUrl(self.host.clone()))?;
        Ok(Box::new(TlsConnector::from(Arc::clone(&self.tls)).connect(name, tcp).await.map_err(unreachable)?))
    }
}

fn unreachable(error: impl std::fmt::Display) -> ProbeError {
    ProbeError::Unreachable(error.to_string())
}

fn tls(ca: Option<&Path>) -> Result<ClientConfig, ProbeError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = ca {
        let unreadable = |error: &dyn std::fmt::Display| ProbeError::Unreadable(path.display().to_string(), std::io::Error::other(error.to_string()));
        for certificate in CertificateDer::pem_file_iter(path).map_err(|error| unreadable(&error))? {
            roots.add(certificate.map_err(|error| unreadable(&error))?).map_err(|error| unreadable(&error))?;
        }
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().map_err(unreachable)?;
    Ok(versions.with_root_certificates(roots).with_no_client_auth())
}

/// A browser without a browser: keeps the cookies it is given.
#[derive(Clone)]
pub(super) struct Visitor {
    pub(super) site: Arc<Site>,
    cookies: BTreeMap<String, String>,
}

impl Visitor {
    /// A member of staff, signed in.
    pub(super) async fn sign_in(site: &Arc<Site>, name: &str, password: &str) -> Result<Self, ProbeError> {
        let mut visitor = Self { site: Arc::clone(site), cookies: BTreeMap::new() };
        visitor.good(&Method::POST, "/api/v1/staff/sign-in", Some(&json!({ "name": name, "password": password }))).await?;
        Ok(visitor)
    }

    /// `GET` that must succeed.
    pub(super) async fn get(&mut self, path: &str) -> Result<Value, ProbeError> {
        self.good(&Method::GET, path, None).await
    }

    /// `POST` that must succeed.
    pub(super) async fn post(&mut self, path: &str) -> Result<Value, ProbeError> {
        self.good(&Method::POST, path, Some(&json!({}))).await
    }

    /// `DELETE` that must succeed.
    pub(super) async fn delete(&mut self, path: &str) -> Result<Value, ProbeError> {
        self.good(&Method::DELETE, path, None).await
    }

    async fn good(&mut self, method: &Method, path: &str, body: Option<&Value>) -> Result<Value, ProbeError> {
        let asked = tokio::time::timeout(PATIENCE, self.ask(method, path, body)).await;
        let (status, answer) = asked.map_err(|_| ProbeError::TooLate("the server did not answer", PATIENCE))??;
        if (200..300).contains(&status) {
            return Ok(answer);
        }
        let said = format!("{status} {}", answer["code"].as_str().unwrap_or_default());
        Err(ProbeError::Unexpected { what: format!("{method} {path}"), said })
    }

    async fn ask(&mut self, method: &Method, path: &str, body: Option<&Value>) -> Result<(u16, Value), ProbeError> {
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(self.site.connect().await?)).await.map_err(unreachable)?;
        let driving = tokio::spawn(connection);
        let mut request = Request::builder().method(method).uri(path).header("host", self.site.authority()).header("origin", self.site.origin());
        if !self.cookies.is_empty() {
            request = request.header("cookie", self.cookie_line());
        }
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        let bytes = body.map(Value::to_string).unwrap_or_default();
        let request = request.body(Full::new(Bytes::from(bytes))).map_err(unreachable)?;
        let response = sender.send_request(request).await.map_err(unreachable)?;
        self.keep_cookies(&response);
        let status = response.status().as_u16();
        let answer = response.into_body().collect().await.map_err(unreachable)?.to_bytes();
        driving.abort();
        Ok((status, serde_json::from_slice(&answer).unwrap_or(Value::Null)))
    }

    fn keep_cookies(&mut self, response: &Response<Incoming>) {
        let lines = response.headers().get_all("set-cookie").iter().filter_map(|line| line.to_str().ok());
        for (name, value) in lines.filter_map(|line| line.split(';').next()?.split_once('=')) {
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }

    fn cookie_line(&self) -> String {
        self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    /// Opens a live socket.
    pub(super) async fn live(&self, path: &str) -> Result<Live, ProbeError> {
        let mut request = format!("ws://{}{path}", self.site.authority()).into_client_request().map_err(unreachable)?;
        for (name, value) in [("cookie", self.cookie_line()), ("origin", self.site.origin())] {
            request.headers_mut().insert(name, HeaderValue::from_str(&value).map_err(unreachable)?);
        }
        let wire = self.site.connect().await?;
        let (socket, _) = tokio_tungstenite::client_async(request, wire).await.map_err(unreachable)?;
        let (commands, inbox) = mpsc::channel(16);
        let (outbox, pushes) = mpsc::channel(256);
        tokio::spawn(talk(socket, inbox, outbox));
        let mut live = Live { commands, pushes };
        live.hears("hello").await?;
        Ok(live)
    }
}

/// An open live socket; closed when dropped.
pub(super) struct Live {
    commands: mpsc::Sender<Value>,
    pushes: mpsc::Receiver<Value>,
}

impl Live {
    /// Says something.
    pub(super) async fn say(&self, command: Value) -> Result<(), ProbeError> {
        self.commands.send(command).await.map_err(|_| ProbeError::Unreachable("the live socket was closed".to_owned()))
    }

    /// The next push of this kind; others are passed over, a refusal is an error.
    pub(super) async fn hears(&mut self, kind: &str) -> Result<Value, ProbeError> {
        let next = async {
            while let Some(push) = self.pushes.recv().await {
                match push["type"].as_str() {
                    Some(heard) if heard == kind => return Ok(push),
                    Some(heard @ ("refused" | "superseded" | "call_ended")) => {
                        let said = push["code"].as_str().or(push["reason"].as_str()).unwrap_or_default();
                        return Err(ProbeError::Unexpected { what: format!("waiting for {kind}"), said: format!("{heard} {said}") });
                    }
                    _ => {}
                }
            }
            Err(ProbeError::Unreachable("the live socket was closed".to_owned()))
        };
        tokio::time::timeout(PATIENCE, next).await.map_err(|_| ProbeError::TooLate("the live socket said nothing", PATIENCE))?
    }
}

async fn talk(mut socket: WebSocketStream<Box<dyn Wire>>, mut inbox: mpsc::Receiver<Value>, outbox: mpsc::Sender<Value>) {
    let mut ping = tokio::time::interval(PING);
    loop {
        let said = tokio::select! {
            command = inbox.recv() => match command {
                Some(command) => socket.send(Message::text(command.to_string())).await,
                None => break,
            },
            _ = ping.tick() => socket.send(Message::text(json!({ "type": "ping" }).to_string())).await,
            heard = socket.next() => match heard {
                Some(Ok(Message::Text(text))) => {
                    // What nobody waits for is left aside when it piles up.
                    let _ = serde_json::from_str(&text).map(|push| outbox.try_send(push));
                    Ok(())
                }
                Some(Ok(_)) => Ok(()),
                Some(Err(_)) | None => break,
            },
        };
        if said.is_err() {
            break;
        }
    }
    // The server notices a socket that is gone without a goodbye, too.
    let _ = socket.close(None).await;
}
