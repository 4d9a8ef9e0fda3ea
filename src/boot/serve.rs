//! The role `serve`: HTTP, live sockets and media, until it is told to stop; then it drains.
//!
//! ```text
//! migrate → recover → listen → … SIGTERM → nothing new → calls end → recordings stop → outbox empties → work ends → exit 0
//! ```

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use super::{
    BootError, Settings, appointments,
    child::WorkChild,
    compose::{self, Engines},
    lan,
    nodes::Bridge,
    signals::Signals,
};
use crate::{
    base::Ambient,
    journey::call::Recovered,
    registry::{nodes::Post, outbox::Hub},
    web::{self, House},
};

/// Several servers need more than a folder they share.
const IN_USE: &str = "another `visavis serve` uses this data folder under the same name; several servers of one house need PostgreSQL \
                      (DATABASE_URL), Redis (REDIS_URL) and a call.node of their own each, because what is embedded knows one process only";

/// How to serve.
pub struct Serving {
    /// This program: children are started from it.
    pub program: PathBuf,
    /// The settings file, handed on to the work process.
    pub config: Option<PathBuf>,
    /// Whether to start the work process too.
    pub starts_work: bool,
}

/// Serves until SIGTERM or SIGINT, then drains. A second signal ends the process at once. `say` tells the operator
/// where the pages are.
///
/// # Errors
/// When the house cannot be built or a port cannot be taken.
pub async fn serve(settings: &Settings, ambient: Ambient, serving: Serving, say: impl Fn(&str)) -> Result<(), BootError> {
    let mut signals = Signals::listen()?;
    let engines = compose::engines(settings, ambient, serving.program.clone()).await?;
    let node = appointments::is_one_of_several(settings).then_some(settings.call.node.as_str());
    let _lock = settings.storage.lock(node).map_err(|error| BootError::Io(IN_USE.to_owned(), error))?;
    let (hub, post, bridge) = match node {
        Some(node) => {
            let (bridge, hub, post) =
                Bridge::new(&settings.queue.redis_url, &settings.queue.redis_prefix, node).map_err(|error| BootError::Redis(Box::new(error)))?;
            (hub, post, Some(bridge))
        }
        None => (Hub::default(), Post::default(), None),
    };
    let house = compose::house_among(settings, &engines, hub, post).await?;
    recover(&house).await?;
    let stop = CancellationToken::new();
    let mut loops = start_loops(&house, &engines, &stop);
    loops.extend(bridge.map(|bridge| tokio::spawn(bridge.run(house.nodes.run().to_owned(), Arc::new(house.calls.clone()), stop.clone()))));
    let servers = listen(settings, &house, &stop).await?;
    let child_stop = CancellationToken::new();
    let child = serving.starts_work.then(|| {
        let patience = Duration::from_secs(settings.server.drain_seconds + 60);
        tokio::spawn(WorkChild { program: serving.program, config: serving.config, patience }.keep(child_stop.clone()))
    });
    say(&addresses(settings, &house));
    signals.stop().await;
    tokio::select! {
        () = async {
            drain(settings, &house).await;
            // Pages at other servers hear what became of the calls as long as the way there stands.
            if let Err(error) = house.relay.deliver(&compose::consumers(&house)).await {
                tracing::warn!(error = %error, "news is left for the other servers or the next start");
            }
            stop.cancel();
            finish(loops, "a loop").await;
            if let Err(error) = house.relay.deliver(&compose::consumers(&house)).await {
                tracing::warn!(error = %error, "news is left for the next start");
            }
            finish(servers, "a server").await;
            child_stop.cancel();
            finish(child.into_iter().collect(), "the work process").await;
            engines.db.close().await;
        } => Ok(()),
        () = signals.stop() => {
            tracing::warn!("told to stop a second time: ending at once");
            Ok(())
        }
    }
}

/// What a crash left behind is put in order before anybody may come in.
async fn recover(house: &House) -> Result<(), BootError> {
    let Recovered { resumed, ended } = house.calls.recover().await.map_err(|error| BootError::Recover(Box::new(error)))?;
    if resumed + ended > 0 {
        tracing::info!(resumed, ended, "calls of a process before this one go on, or are over and their customers first in the queue");
    }
    let open = house.calls.open_everywhere().await?;
    let found = house.recordings.recover(&open).await.map_err(|error| BootError::Recover(Box::new(error)))?;
    if found > 0 {
        tracing::info!(found, "recordings of a process before this one will be sealed");
    }
    house.bookings.rebuild().await?;
    house.queue.rebuild().await?;
    Ok(())
}

fn start_loops(house: &House, engines: &Engines, stop: &CancellationToken) -> Vec<JoinHandle<()>> {
    let reader = engines.reader.clone();
    tokio::spawn(async move {
        if let Err(error) = reader.warm().await {
            tracing::error!(error = %error, "pictures cannot be read");
        }
    });
    vec![
        tokio::spawn(house.relay.clone().run(compose::consumers(house), stop.clone())),
        tokio::spawn(house.calls.clone().run(stop.clone())),
        tokio::spawn(house.queue.clone().run(stop.clone())),
        tokio::spawn(house.bookings.clone().run(house.queue.clone(), stop.clone())),
    ]
}

async fn listen(settings: &Settings, house: &House, stop: &CancellationToken) -> Result<Vec<JoinHandle<()>>, BootError> {
    let service = web::router(house.clone()).into_make_service_with_connect_info::<SocketAddr>();
    let address = &settings.server.listen;
    let listener = TcpListener::bind(address).await.map_err(|error| BootError::Io(format!("cannot listen on {address}"), error))?;
    let mut servers = Vec::new();
    if !settings.server.lan_https.is_empty() {
        servers.push(lan::serve(settings, service.clone(), stop.clone()).await?);
    }
    let stopped = stop.clone().cancelled_owned();
    servers.push(tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, service).with_graceful_shutdown(stopped).await {
            tracing::error!(error = %error, "the HTTP server ended");
        }
    }));
    Ok(servers)
}

/// Takes nothing new; lets running calls end or ends them when the grace is over; empties the outbox.
async fn drain(settings: &Settings, house: &House) {
    tracing::info!(grace_seconds = settings.server.drain_seconds, "stopping: nothing new is begun");
    house.draining.cancel();
    if let Err(error) = house.calls.drain(Duration::from_secs(settings.server.drain_seconds)).await {
        tracing::error!(error = %error, "calls that were still running will be put in order at the next start");
    }
}

async fn finish(tasks: Vec<JoinHandle<()>>, what: &str) {
    for mut task in tasks {
        match tokio::time::timeout(Duration::from_secs(120), &mut task).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(error = %error, "{what} ended badly"),
            Err(_) => {
                tracing::warn!("{what} did not end in time");
                task.abort();
            }
        }
    }
}

fn addresses(settings: &Settings, house: &House) -> String {
    let base = settings.server.address();
    let phone = house.brand.phone_url.as_ref().map(|url| format!("\n  phones on this network: {url}")).unwrap_or_default();
    format!("Visavis is ready.\n  customers: {base}/\n  staff:     {base}/console/{phone}")
}
