//! From the rooms' errors to statuses: the only place that knows both.
//!
//! A handler answers `Result<_, Failure>`; `?` turns a room's error into a [`Failure`] by a `From` below. The answer is
//! always an [`ErrorView`](super::wire::ErrorView). What went wrong inside is logged once and never sent.

use std::borrow::Cow;

use axum::{
    http::{HeaderValue, StatusCode, header::RETRY_AFTER},
    response::{IntoResponse, Response},
};

use super::wire::FieldProblem;
use crate::{
    base::db::DbError,
    engine::reader::ReaderError,
    journey::{
        booking::BookingError,
        call::{CallError, OpenCallError},
        checks::{CheckError, wire::CheckKind},
        intake::{BadField, IntakeError, Part},
        queue::QueueError,
        recording::RecordError,
        review::{Incomplete, ReviewError, search::Senseless},
    },
    registry::{
        dossier::AdvanceError,
        person::ListError,
        staff::{AddStaffError, SignInError},
    },
};

/// An error as it leaves the house.
#[derive(Debug, Clone)]
pub struct Failure {
    /// HTTP status.
    pub status: StatusCode,
    /// Stable code, translated by the pages as `error.<code>`.
    pub code: &'static str,
    /// English sentence without personal data.
    pub message: Cow<'static, str>,
    /// Bad fields of a form.
    pub fields: Vec<FieldProblem>,
    /// Seconds after which another try makes sense.
    pub retry_after: Option<u64>,
}

impl Failure {
    /// A failure without fields.
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self { status, code, message: message.into(), fields: Vec::new(), retry_after: None }
    }

    /// 400: the request makes no sense.
    pub fn bad_request(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    /// 401: nobody is signed in.
    pub fn signed_out() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "signed_out", "there is no session")
    }

    /// 403: somebody is signed in who may not do this.
    pub fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", "your role does not allow this")
    }

    /// 404: there is no such thing, or it is somebody else's.
    pub fn unknown() -> Self {
        Self::new(StatusCode::NOT_FOUND, "unknown", "there is no such thing")
    }

    /// 405.
    pub fn method_not_allowed() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "this path does not know this method")
    }

    /// 409: not in this state.
    pub fn conflict(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::CONFLICT, code, message)
    }

    /// 413.
    pub fn too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "the body is too large")
    }

    /// 415.
    pub fn wrong_type() -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "wrong_type", "this content type is not taken here")
    }

    /// 422: bad fields of a form.
    pub fn bad_fields(fields: Vec<FieldProblem>) -> Self {
        Self { fields, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_fields", "some fields need another look") }
    }

    /// 422: the body is not what the path takes.
    pub fn malformed() -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "malformed", "the body is not what this path takes")
    }

    /// 429: too often.
    pub fn limited(retry_after: u64) -> Self {
        Self { retry_after: Some(retry_after), ..Self::new(StatusCode::TOO_MANY_REQUESTS, "limited", "too many tries; wait a moment") }
    }

    /// 503: worth another try in a moment.
    pub fn unavailable(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self { retry_after: Some(2), ..Self::new(StatusCode::SERVICE_UNAVAILABLE, code, message) }
    }

    /// 408: the request did not arrive, or was not answered, in time.
    pub fn too_slow() -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, "timeout", "the request took too long")
    }

    /// 500: a bug of ours; the panic hook has logged where.
    pub fn panicked() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "something went wrong on our side")
    }

    /// 500: a bug of ours. `error` goes to the log with its sources, never to the page.
    pub fn internal(error: &(dyn std::error::Error + 'static)) -> Self {
        let mut causes = String::new();
        let mut source = error.source();
        while let Some(cause) = source {
            causes.push_str(": ");
            causes.push_str(&cause.to_string());
            source = cause.source();
        }
        tracing::error!(error = %error, causes, "a request failed inside");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "something went wrong on our side")
    }
}

/// The body is written by [`frame`](super::frame), which knows the request's id.
impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(self);
        response
    }
}

impl From<DbError> for Failure {
    fn from(error: DbError) -> Self {
        match error {
            DbError::Unavailable(_) => {
                tracing::warn!(error = %error, "the database did not answer");
                Self::unavailable("unavailable", "please try again in a moment")
            }
            DbError::Unique => Self::conflict("changed_meanwhile", "somebody else was first"),
            DbError::Refused(_) | DbError::Broken(_) => Self::internal(&error),
        }
    }
}

impl From<AdvanceError> for Failure {
    fn from(error: AdvanceError) -> Self {
        match error {
            AdvanceError::Refused(refused) => Self::conflict("step_refused", refused.to_string()),
            AdvanceError::Conflict => Self::conflict("changed_meanwhile", "the file was changed in between; read it again"),
            AdvanceError::Db(error) => error.into(),
        }
    }
}

impl From<IntakeError> for Failure {
    fn from(error: IntakeError) -> Self {
        match error {
            IntakeError::Unknown => Self::unknown(),
            IntakeError::LinkUnknown => Self::new(StatusCode::NOT_FOUND, "link_unknown", error.to_string()),
            IntakeError::BadLocale => Self::bad_request("bad_locale", error.to_string()),
            IntakeError::DocumentMissing => Self::conflict("document_missing", error.to_string()),
            IntakeError::SideNotNeeded => Self::conflict("side_not_needed", error.to_string()),
            IntakeError::SideMissing => Self::conflict("side_missing", error.to_string()),
            IntakeError::CapturesExhausted => Self::new(StatusCode::TOO_MANY_REQUESTS, "captures_exhausted", error.to_string()),
            IntakeError::Conflict => Self::conflict("changed_meanwhile", error.to_string()),
            IntakeError::NotNow(refused) => Self::conflict("step_refused", refused.to_string()),
            IntakeError::Bad(bad) => Self::bad_fields(bad.into_iter().map(field_problem).collect()),
            IntakeError::Picture(error) => error.into(),
            IntakeError::Vault(error) => Self::internal(&error),
            IntakeError::Db(error) => error.into(),
        }
    }
}

impl From<ReaderError> for Failure {
    fn from(error: ReaderError) -> Self {
        let (status, code) = match error {
            ReaderError::Empty => (StatusCode::UNPROCESSABLE_ENTITY, "picture_empty"),
            ReaderError::TooLarge => return Self::too_large(),
            ReaderError::WrongType => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "picture_type"),
            ReaderError::Damaged => (StatusCode::UNPROCESSABLE_ENTITY, "picture_damaged"),
            ReaderError::TooManyPixels => (StatusCode::UNPROCESSABLE_ENTITY, "picture_too_many_pixels"),
            ReaderError::Crashed | ReaderError::TimedOut => (StatusCode::UNPROCESSABLE_ENTITY, "picture_unprocessable"),
            ReaderError::Unavailable => return Self::unavailable("unavailable", error.to_string()),
        };
        Self::new(status, code, error.to_string())
    }
}

fn field_problem(bad: BadField) -> FieldProblem {
    let part = |text: &str| (None, Some(text.to_owned()));
    let (name, part) = match bad.part {
        Part::Field(name) => (Some(name), None),
        Part::Email => part("email"),
        Part::Phone => part("phone"),
        Part::Consent(kind) => part(&format!("consent.{}", kind.name())),
    };
    FieldProblem { name, part, problem: bad.fault.code().to_owned() }
}

impl From<SignInError> for Failure {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::Wrong => Self::new(StatusCode::UNAUTHORIZED, "wrong_password", "name or password is wrong"),
            SignInError::Limited { retry_after } => Self::limited(retry_after),
            SignInError::Overloaded => Self::unavailable("unavailable", "too many people are signing in; try again in a moment"),
            SignInError::Db(error) => error.into(),
        }
    }
}

impl From<AddStaffError> for Failure {
    fn from(error: AddStaffError) -> Self {
        match error {
            AddStaffError::NameTaken => Self::conflict("name_taken", "there is somebody with this sign-in name"),
            AddStaffError::BadName | AddStaffError::WeakPassword | AddStaffError::NoRole => Self::bad_request("bad_staff", error.to_string()),
            AddStaffError::Db(error) => error.into(),
        }
    }
}

impl From<QueueError> for Failure {
    fn from(error: QueueError) -> Self {
        match error {
            QueueError::Unknown => Self::unknown(),
            QueueError::Closed => Self::conflict("queue_closed", error.to_string()),
            QueueError::Draining => Self::unavailable("draining", error.to_string()),
            QueueError::NoRoom => Self::unavailable("no_room", error.to_string()),
            QueueError::Full => Self::conflict("queue_full", error.to_string()),
            QueueError::Unstaffed => Self::conflict("nobody_on_duty", error.to_string()),
            QueueError::Rebuilding => Self::unavailable("queue_rebuilding", error.to_string()),
            QueueError::OfferWithdrawn => Self::conflict("offer_withdrawn", error.to_string()),
            QueueError::AlreadyCalled => Self::conflict("already_called", error.to_string()),
            QueueError::CustomerWaiting => Self::conflict("customer_waiting", error.to_string()),
            QueueError::AgentBusy => Self::conflict("agent_busy", error.to_string()),
            QueueError::NoCallbacks => Self::conflict("no_callbacks", error.to_string()),
            QueueError::BadAddress => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_address", error.to_string()),
            QueueError::AgentComing => Self::conflict("agent_coming", error.to_string()),
            QueueError::Paused { seconds } => Self { retry_after: Some(seconds), ..Self::conflict("paused", error.to_string()) },
            QueueError::NotRinging => Self::conflict("not_ringing", error.to_string()),
            QueueError::BadReason => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_reason", error.to_string()),
            QueueError::ChangedMeanwhile => Self::conflict("changed_meanwhile", error.to_string()),
            QueueError::NoCall(_) => Self::unavailable("recorder_failed", error.to_string()),
            QueueError::File(error) => error.into(),
            QueueError::Db(error) => error.into(),
        }
    }
}

impl From<BookingError> for Failure {
    fn from(error: BookingError) -> Self {
        match error {
            BookingError::Unknown => Self::unknown(),
            BookingError::LinkExpired => Self::new(StatusCode::GONE, "link_expired", error.to_string()),
            BookingError::SlotFull => Self::conflict("slot_full", error.to_string()),
            BookingError::TooLate => Self::conflict("slot_too_near", error.to_string()),
            BookingError::TooEarly => Self::conflict("booking_not_due", error.to_string()),
            BookingError::AlreadyBooked => Self::conflict("already_booked", error.to_string()),
            BookingError::Over => Self::conflict("booking_over", error.to_string()),
            BookingError::ChangedMeanwhile => Self::conflict("changed_meanwhile", error.to_string()),
            BookingError::File(error) => error.into(),
            BookingError::DayFull => Self::conflict("day_full", error.to_string()),
            BookingError::TooManyCalledOff => Self::conflict("too_many_called_off", error.to_string()),
            BookingError::BadReason => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_reason", error.to_string()),
            BookingError::BadHours(error) => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_hours", error.to_string()),
            BookingError::HoursConflict => Self::conflict("hours_conflict", error.to_string()),
            BookingError::Queue(error) => error.into(),
            BookingError::Db(error) => error.into(),
        }
    }
}

impl From<CallError> for Failure {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Unknown => Self::unknown(),
            CallError::Over => Self::conflict("call_over", "the call is over"),
            CallError::NotLive => Self::conflict("call_not_live", "the call is not live"),
            CallError::Superseded => Self::conflict("superseded", "another page of yours took over the call"),
            CallError::UnknownEpoch => Self::conflict("epoch_unknown", "read the call again before joining it"),
            CallError::NotSealed => Self::conflict("not_sealed", "the recording is still being made; ask again in a moment"),
            CallError::Conflict => Self::conflict("changed_meanwhile", "the call was changed in between; read it again"),
            CallError::BadOffer => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_offer", "the offer cannot be answered"),
            CallError::BadChat => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_chat", "a message has 1 to 1000 characters, and a call so many messages"),
            CallError::BadQuality => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_quality", "these numbers cannot be"),
            CallError::BadRehearsal => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_rehearsal", "this cannot have been measured"),
            CallError::StillNotAsked => Self::conflict("still_not_asked", "no such photograph is asked for"),
            CallError::StillsExhausted => Self::conflict("stills_exhausted", "enough photographs were asked for in this call"),
            CallError::StillTooLarge => Self::too_large(),
            CallError::WrongHash => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "wrong_hash", "what came does not hash to what was announced"),
            CallError::BadReason => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_reason", "there is no such reason"),
            CallError::Picture(error) => error.into(),
            CallError::Vault(error) => Self::internal(&error),
            CallError::RecorderFailed => Self::unavailable("recorder_failed", "the call cannot be recorded and has ended"),
            CallError::NoMedia => Self::unavailable("media_unavailable", "sound and picture are not available; try again in a moment"),
            CallError::Check(error) => error.into(),
            CallError::Record(error) => error.into(),
            CallError::Db(error) => error.into(),
        }
    }
}

impl From<OpenCallError> for Failure {
    fn from(error: OpenCallError) -> Self {
        match error {
            OpenCallError::Busy => Self::conflict("agent_busy", error.to_string()),
            OpenCallError::Full => Self::unavailable("no_room", error.to_string()),
            OpenCallError::Record(error) => error.into(),
            OpenCallError::Db(error) => error.into(),
        }
    }
}

impl From<CheckError> for Failure {
    fn from(error: CheckError) -> Self {
        match error {
            CheckError::Unknown => Self::unknown(),
            CheckError::OneIsOpen => Self::conflict("check_open", "another check is asked just now"),
            CheckError::Done => Self::conflict("check_done", "this check is passed already"),
            CheckError::NothingLeft => Self::conflict("nothing_left", "every check is done, or its tries are used up"),
            CheckError::Nonce => Self::conflict("nonce_refused", "the nonce is not 32 bytes in hex, or the order is bound already"),
            CheckError::Choice => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "choice_without_reason", "choosing a check needs a reason: leave_out, customer_need or technical")
            }
            CheckError::Judged => Self::conflict("check_judged", "this check has its verdict or its still already"),
            CheckError::Verdict => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_verdict", "a verdict is passed, or failed or skipped with a coded reason"),
            CheckError::NoAddress => Self::conflict("no_address", "the file holds no address of this kind"),
            CheckError::Spent => Self::conflict("code_spent", "no other code may be sent in this check"),
            CheckError::NoQuestions => Self::conflict("no_questions", "too few questions are left that were never asked; leave this check out with a reason"),
            CheckError::NotMet => Self::conflict("check_not_met", "the code was not typed, the answers are not right, or the place was not given"),
            CheckError::Place => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_place", "this is no place on Earth"),
            CheckError::NotJpeg => Self::wrong_type(),
            CheckError::TooLarge => Self::too_large(),
            CheckError::Vault(error) => Self::internal(&error),
            CheckError::Db(error) => error.into(),
        }
    }
}

impl From<ListError> for Failure {
    fn from(error: ListError) -> Self {
        match error {
            ListError::Unknown => Self::unknown(),
            ListError::Bad => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_entry", error.to_string()),
            ListError::Twice => Self::conflict("listed_already", error.to_string()),
            ListError::TooMany => Self::too_large(),
            ListError::Db(error) => error.into(),
        }
    }
}

impl From<RecordError> for Failure {
    fn from(error: RecordError) -> Self {
        match error {
            RecordError::Unknown => Self::unknown(),
            RecordError::Full => Self::unavailable("no_room", error.to_string()),
            RecordError::Stopped => Self::conflict("recording_stopped", "the recording is stopped"),
            RecordError::Disk(_) | RecordError::Unreadable(_) => Self::internal(&error),
            RecordError::Db(error) => error.into(),
        }
    }
}

impl From<ReviewError> for Failure {
    fn from(error: ReviewError) -> Self {
        match error {
            ReviewError::Unknown => Self::unknown(),
            ReviewError::OwnDecision => Self::conflict("own_decision", "who decided cannot be the second person"),
            ReviewError::Decided => Self::conflict("already_decided", "the file is decided already"),
            ReviewError::NotNow(refused) => Self::conflict("step_refused", refused.to_string()),
            ReviewError::ChecksMissing(missing) => {
                let missing: Vec<&str> = missing.into_iter().map(CheckKind::name).collect();
                Self::conflict("checks_missing", format!("neither passed nor left out with a reason: {}", missing.join(", ")))
            }
            ReviewError::Incomplete(what) => Self::bad_fields(vec![incomplete(what)]),
            ReviewError::Senseless(Senseless::Day) => Self::bad_request("bad_day", "no such day, instant or time zone"),
            ReviewError::Senseless(Senseless::Outcome) => Self::bad_request("bad_outcome", "no such state or outcome"),
            ReviewError::Senseless(Senseless::Size) => Self::bad_request("bad_query", "too many characters, or no such page"),
            ReviewError::Conflict => Self::conflict("changed_meanwhile", "the file was changed in between; read it again"),
            ReviewError::Vault(error) => Self::internal(&error),
            ReviewError::Intake(error) => error.into(),
            ReviewError::Call(error) => error.into(),
            ReviewError::Record(error) => error.into(),
            ReviewError::Db(error) => error.into(),
        }
    }
}

fn incomplete(what: Incomplete) -> FieldProblem {
    let (part, problem) = match what {
        Incomplete::Reason => ("reason", "malformed"),
        Incomplete::NoteMissing => ("note", "required"),
        Incomplete::NoteTooLong => ("note", "too_long"),
        Incomplete::Item => ("item", "malformed"),
        Incomplete::Outcome => ("outcome", "malformed"),
    };
    FieldProblem { name: None, part: Some(part.to_owned()), problem: problem.to_owned() }
}
