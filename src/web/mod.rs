//! The front door: router, sessions, error → status, limits, live sockets, static apps. The only room that knows HTTP.
//!
//! Every path of the API is a [`Doorway`](doorway::Doorway): method, path, who may pass, how much body, which handler. The
//! doors of a room stand in `routes/<room>.rs`; [`doorways`] is the one table of them all, and [`router`] builds the
//! service from it. A handler parses, asks the room's door on the [`House`], and answers; errors become answers in
//! [`error`] alone. Start reading at [`doorway`].

mod address;
pub mod csrf;
pub mod doorway;
pub mod error;
pub mod extract;
mod frame;
pub mod house;
pub mod limits;
pub mod live;
pub mod routes;
pub mod session;
pub mod settings;
mod statics;
pub mod wire;

pub use address::Address;
pub use error::Failure;
pub use house::House;

use axum::{Router, middleware};

use doorway::Doorway;

/// Every path of the API with who may pass: the one table.
pub fn doorways() -> Vec<Doorway> {
    [
        routes::applications::doorways(),
        routes::brand::doorways(),
        routes::staff::doorways(),
        routes::bookings::doorways(),
        routes::queue::doorways(),
        routes::calls::doorways(),
        routes::checks::doorways(),
        routes::rehearsals::doorways(),
        routes::stills::doorways(),
        routes::persons::doorways(),
        routes::recordings::doorways(),
        routes::letters::doorways(),
        routes::probe::doorways(),
        routes::review::doorways(),
        live::doorways(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The whole service over one house.
pub fn router(house: House) -> Router {
    let mut router = Router::new();
    for door in doorways() {
        router = door.mount(router, &house);
    }
    router
        .fallback_service(statics::router(house.clone()))
        .method_not_allowed_fallback(|| async { Failure::method_not_allowed() })
        .layer(middleware::from_fn_with_state(house.clone(), frame::frame))
        .with_state(house)
}
