//! Jobs of the `work` role: the confirmation goes out, an appointment nobody came to is closed.

use std::sync::Arc;

use chrono_tz::Tz;

use super::{BookingError, Bookings, life::Command, link, store, wire::BookingState};
use crate::{
    base::{Pii, Timestamp, id::BookingId},
    engine::notify::{Kind, Message, Notifier, NotifyError},
    registry::{
        audit::Actor,
        dossier::{self, AdvanceError, Dossier, State},
        outbox::jobs::{Handler, Job, JobError},
    },
};

/// Kind of the job that sends a confirmation.
pub const SEND_CONFIRMATION: &str = "send_confirmation";
/// Kind of the job that closes an appointment nobody came to.
pub const CLOSE_BOOKING: &str = "close_booking";

/// Sends the confirmation of an appointment with its link, by e-mail if there is an address, else as a text message.
pub struct SendConfirmation {
    /// Appointments.
    pub bookings: Bookings,
    /// The way out.
    pub notifier: Arc<dyn Notifier>,
}

#[async_trait::async_trait]
impl Handler for SendConfirmation {
    async fn run(&self, job: &Job) -> Result<(), JobError> {
        let parts = &self.bookings.0;
        let Some(booking) = store::find(&parts.db, subject(job)?).await? else { return Ok(()) };
        if booking.state != BookingState::Booked {
            return Ok(());
        }
        let Some(file) = dossier::find(&parts.db, booking.dossier).await? else { return Ok(()) };
        let Some((kind, to)) = address(&file) else { return Ok(()) };
        let url = format!("{}/#/booking/{}", parts.settings.link_base, link::token(&parts.link_key, booking.id, &booking.link_nonce));
        let (subject, text) = words(&file, booking.starts_at, &url);
        let message = Message { kind, name: format!("booking-{}-{}", booking.id, booking.version), to, subject, text: Pii::new(text) };
        self.notifier.send(&message).await.map_err(|error| match error {
            NotifyError::Again(_) => JobError::Again(error.to_string()),
            NotifyError::BadAddress => JobError::Hopeless(error.to_string()),
        })
    }
}

/// Closes an appointment whose time passed without a call.
pub struct CloseBooking {
    /// Appointments.
    pub bookings: Bookings,
}

#[async_trait::async_trait]
impl Handler for CloseBooking {
    async fn run(&self, job: &Job) -> Result<(), JobError> {
        match self.bookings.close(subject(job)?).await {
            Ok(()) => Ok(()),
            Err(BookingError::Db(error) | BookingError::File(AdvanceError::Db(error))) => Err(error.into()),
            Err(error) => Err(JobError::Again(error.to_string())),
        }
    }
}

impl Bookings {
    /// Closes an open appointment that is over. One whose customer stands in line or is being called closes itself.
    pub(super) async fn close(&self, booking: BookingId) -> Result<(), BookingError> {
        let mut tx = self.0.db.begin().await?;
        let Some(before) = store::find_in(&mut tx, booking).await? else { return Ok(()) };
        let is_over = before.ends_at <= self.0.ambient.now();
        let is_busy = dossier::find_in(&mut tx, before.dossier).await?.is_some_and(|file| matches!(file.state, State::Waiting | State::InCall));
        if before.state != BookingState::Booked || !is_over || is_busy {
            return Ok(());
        }
        self.end(&mut tx, &before, Command::Miss, Actor::System).await?;
        Ok(tx.commit().await?)
    }
}

fn subject(job: &Job) -> Result<BookingId, JobError> {
    serde_json::from_str(&job.payload).map_err(|_| JobError::Hopeless("the job names no appointment".to_owned()))
}

fn address(file: &Dossier) -> Option<(Kind, Pii<String>)> {
    let filled = |value: &Option<Pii<String>>| value.clone().filter(|value| !value.expose().is_empty());
    filled(&file.email).map(|to| (Kind::Email, to)).or_else(|| filled(&file.phone).map(|to| (Kind::Sms, to)))
}

/// Subject and text in the customer's language, times in the customer's zone.
fn words(file: &Dossier, starts_at: Timestamp, url: &str) -> (String, String) {
    let zone: Tz = file.time_zone.parse().unwrap_or(Tz::UTC);
    let local = starts_at.with_timezone(&zone);
    let (reference, zone) = (&file.reference, zone.name());
    if file.locale.starts_with("vi") {
        let when = local.format("%H:%M ngày %d/%m/%Y");
        let text = format!(
            "Lịch gọi video của bạn: {when} ({zone}).\nMã hồ sơ: {reference}\n\nĐến giờ hẹn, hãy mở liên kết này và chuẩn bị giấy tờ:\n{url}\n\nBạn cũng có thể đổi hoặc hủy lịch hẹn tại đó."
        );
        return (format!("Lịch hẹn {reference}"), text);
    }
    let when = local.format("%H:%M on %d %B %Y");
    let text = format!(
        "Your video call: {when} ({zone}).\nReference: {reference}\n\nAt that time open this link and have your document at hand:\n{url}\n\nYou can change or cancel the appointment there too."
    );
    (format!("Your appointment {reference}"), text)
}
