//! HTTPS with a certificate of our own for phones on the local network: browsers give the camera to secure pages only.

use std::{
    fmt::Write as _,
    io,
    net::{IpAddr, SocketAddr, UdpSocket},
    path::Path,
};

use axum::{Router, extract::connect_info::IntoMakeServiceWithConnectInfo};
use axum_server::{Handle, tls_rustls::RustlsConfig};
use rxing::{BarcodeFormat, Writer, qrcode::QRCodeWriter};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{BootError, Settings};

/// The address a phone can open, when `server.lan_https` is set and this machine has a network.
pub(super) fn phone_url(lan_https: &str) -> Option<String> {
    let listen: SocketAddr = lan_https.parse().ok()?;
    let ip = if listen.ip().is_unspecified() { own_address()? } else { listen.ip() };
    Some(format!("https://{}/", SocketAddr::new(ip, listen.port())))
}

/// `text` as a QR code: an SVG of dark squares on white, without script or style.
pub(super) fn qr_svg(text: &str) -> Option<String> {
    let matrix = QRCodeWriter {}.encode(text, &BarcodeFormat::QR_CODE, 0, 0).ok()?;
    let (width, height) = (matrix.getWidth(), matrix.getHeight());
    let mut path = String::new();
    for y in 0..height {
        for x in (0..width).filter(|x| matrix.get(*x, y)) {
            // Writing into a string cannot fail.
            write!(path, "M{x} {y}h1v1h-1z").expect("a text takes more text");
        }
    }
    Some(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" shape-rendering=\"crispEdges\" role=\"img\">\
         <path fill=\"#fff\" d=\"M0 0h{width}v{height}H0z\"/><path fill=\"#000\" d=\"{path}\"/></svg>"
    ))
}

/// Serves `service` over HTTPS until `stop`.
pub(super) async fn serve(
    settings: &Settings,
    service: IntoMakeServiceWithConnectInfo<Router, SocketAddr>,
    stop: CancellationToken,
) -> Result<JoinHandle<()>, BootError> {
    let address = settings.server.lan_https.clone();
    let fail = |error: io::Error| BootError::Io(format!("cannot serve HTTPS on {address}"), error);
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
    let (certificate, key) = certificate(&settings.storage.tls()).map_err(fail)?;
    let config = RustlsConfig::from_pem(certificate, key).await.map_err(fail)?;
    let listener = std::net::TcpListener::bind(&address).map_err(fail)?;
    listener.set_nonblocking(true).map_err(fail)?;
    let handle = Handle::new();
    let stopping = handle.clone();
    tokio::spawn(async move {
        stop.cancelled().await;
        stopping.graceful_shutdown(Some(std::time::Duration::from_secs(5)));
    });
    let server = axum_server::from_tcp_rustls(listener, config).map_err(fail)?.handle(handle);
    Ok(tokio::spawn(async move {
        if let Err(error) = server.serve(service).await {
            tracing::error!(error = %error, "the HTTPS server ended");
        }
    }))
}

/// The certificate and its key as PEM, kept so that a phone asks only once; a new one when the address changed.
fn certificate(folder: &Path) -> io::Result<(Vec<u8>, Vec<u8>)> {
    let names: Vec<String> = ["localhost".to_owned(), "127.0.0.1".to_owned()].into_iter().chain(own_address().map(|ip| ip.to_string())).collect();
    let (names_file, certificate_file, key_file) = (folder.join("names"), folder.join("certificate.pem"), folder.join("key.pem"));
    if std::fs::read_to_string(&names_file).is_ok_and(|kept| kept == names.join("\n")) {
        return Ok((std::fs::read(certificate_file)?, std::fs::read(key_file)?));
    }
    let made = rcgen::generate_simple_self_signed(names.clone()).map_err(io::Error::other)?;
    let (certificate, key) = (made.cert.pem().into_bytes(), made.signing_key.serialize_pem().into_bytes());
    write_private(&key_file, &key)?;
    write_private(&certificate_file, &certificate)?;
    write_private(&names_file, names.join("\n").as_bytes())?;
    Ok((certificate, key))
}

fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    use std::{io::Write as _, os::unix::fs::OpenOptionsExt};
    std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?.write_all(bytes)
}

/// The address this machine has on its network; nothing is sent to find it (connecting UDP only picks a route).
fn own_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("192.0.2.1:9").ok()?;
    Some(socket.local_addr().ok()?.ip()).filter(|ip| !ip.is_unspecified() && !ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_is_told_where_to_go() {
        assert_eq!(phone_url(""), None);
        assert_eq!(phone_url("192.168.1.7:8443").as_deref(), Some("https://192.168.1.7:8443/"));
    }

    #[test]
    fn the_code_is_a_picture_without_script() {
        let svg = qr_svg("https://192.168.1.7:8443/").expect("a code");
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>") && !svg.contains("script"));
        assert!(svg.matches('M').count() > 200, "a code has hundreds of squares");
    }

    #[test]
    fn a_certificate_is_made_once_and_private() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let first = certificate(folder.path()).expect("a certificate");
        assert!(first.0.starts_with(b"-----BEGIN CERTIFICATE-----"));
        assert_eq!(certificate(folder.path()).expect("the same"), first);
        let mode = std::fs::metadata(folder.path().join("key.pem")).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
