//! Playing recordings: ranges out of the vault, after the line in the journal.

use std::ops::Range;

use axum::{
    Json,
    body::{Body, Bytes},
    extract::State,
    http::{
        HeaderMap, StatusCode,
        header::{ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, RANGE},
    },
    response::{IntoResponse, Response},
};
use futures_util::stream;
use serde::Deserialize;

use crate::{
    base::id::CallId,
    journey::{
        recording::{Purpose, Recordings, Viewer},
        review::wire::RecordingView,
    },
    registry::staff::Role,
    web::{
        Failure, House,
        doorway::{ANY_ROLE, Access, Doorway},
        extract::{Path, Query},
        session::Signed,
    },
};

/// Bytes read from the vault at a time.
const PIECE: usize = 512 * 1024;

/// Its part of the table.
pub fn doorways() -> Vec<Doorway> {
    vec![
        Doorway::get("/api/v1/recordings/{call_id}", Access::Staff(ANY_ROLE), stand),
        Doorway::get("/api/v1/recordings/{call_id}/{name}", Access::Staff(ANY_ROLE), play),
    ]
}

#[derive(Deserialize)]
struct Asked {
    purpose: Option<Purpose>,
}

/// Where a recording stands and what of it can be played already. It shows nobody: the journal has no line of it.
async fn stand(State(house): State<House>, signed: Signed, Path(call_id): Path<CallId>) -> Result<Json<RecordingView>, Failure> {
    may_see(&house, &signed, call_id).await?;
    house.recordings.of_call(call_id).await?.map(Json).ok_or_else(Failure::unknown)
}

/// Supervisors see every recording, agents those of their own calls.
async fn may_see(house: &House, signed: &Signed, call_id: CallId) -> Result<(), Failure> {
    let is_own = house.calls.find(call_id).await?.is_some_and(|call| call.agent == signed.id);
    if is_own || signed.has_any(&[Role::Supervisor]) { Ok(()) } else { Err(Failure::unknown()) }
}

/// Plays a file. The journal has its line before the first byte.
async fn play(
    State(house): State<House>,
    signed: Signed,
    Path((call_id, name)): Path<(CallId, String)>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let purpose = asked.purpose.ok_or_else(|| Failure::bad_request("purpose_required", "say why: ?purpose=review, complaint, audit or legal_request"))?;
    may_see(&house, &signed, call_id).await?;
    let file = house.recordings.file(call_id, &name).await?;
    let wanted = headers.get(RANGE).and_then(|value| value.to_str().ok()).map_or(Wanted::Whole, |text| wanted(text, file.size));
    let (status, range) = match wanted {
        Wanted::Whole => (StatusCode::OK, 0..file.size),
        Wanted::Part(range) => (StatusCode::PARTIAL_CONTENT, range),
        Wanted::Nothing => return Ok((StatusCode::RANGE_NOT_SATISFIABLE, [(CONTENT_RANGE, format!("bytes */{}", file.size))]).into_response()),
    };
    house.recordings.note_view(call_id, &name, range.start, Viewer { staff: signed.id, session: signed.session, purpose }).await?;
    let kind = if file.party.is_none() { "video/mp4" } else { "video/webm" };
    let headers = [
        (CONTENT_TYPE, kind.to_owned()),
        (ACCEPT_RANGES, "bytes".to_owned()),
        (CONTENT_LENGTH, (range.end - range.start).to_string()),
        (CONTENT_DISPOSITION, "inline".to_owned()),
    ];
    let mut response = (status, headers, body(house.recordings, call_id, name, range.clone())).into_response();
    if status == StatusCode::PARTIAL_CONTENT
        && let Ok(value) = format!("bytes {}-{}/{}", range.start, range.end - 1, file.size).try_into()
    {
        response.headers_mut().insert(CONTENT_RANGE, value);
    }
    Ok(response)
}

/// Reads on while the browser takes; a piece that cannot be read cuts the answer short.
fn body(recordings: Recordings, call: CallId, name: String, range: Range<u64>) -> Body {
    Body::from_stream(stream::try_unfold(range.start, move |at| {
        let (recordings, name) = (recordings.clone(), name.clone());
        async move {
            let left = usize::try_from(range.end - at).unwrap_or(PIECE).min(PIECE);
            if left == 0 {
                return Ok(None);
            }
            let piece =
                recordings.read(call, &name, at, left).await.inspect_err(|error| tracing::error!(call.id = %call, %error, "a recording cannot be read"))?;
            if piece.is_empty() {
                return Ok(None);
            }
            let next = at + piece.len() as u64;
            Ok::<_, crate::journey::recording::RecordError>(Some((Bytes::from(piece), next)))
        }
    }))
}

#[derive(Debug, PartialEq, Eq)]
enum Wanted {
    Whole,
    Part(Range<u64>),
    Nothing,
}

/// RFC 9110 §14.2: one range; several at once, other units and nonsense are answered whole.
fn wanted(text: &str, size: u64) -> Wanted {
    let Some((from, to)) = text.strip_prefix("bytes=").and_then(|text| text.split_once('-')) else { return Wanted::Whole };
    let number = |text: &str| text.trim().parse::<u64>().ok();
    let range = match (number(from), number(to)) {
        (Some(from), Some(to)) if from <= to => from..to.saturating_add(1).min(size),
        (Some(from), None) if to.trim().is_empty() => from..size,
        (None, Some(last)) if from.trim().is_empty() => size.saturating_sub(last)..size,
        _ => return Wanted::Whole,
    };
    if range.start < range.end { Wanted::Part(range) } else { Wanted::Nothing }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_follow_the_standard() {
        let cases = [
            ("bytes=0-", Wanted::Part(0..100)),
            ("bytes=0-0", Wanted::Part(0..1)),
            ("bytes=90-200", Wanted::Part(90..100)),
            ("bytes=-10", Wanted::Part(90..100)),
            ("bytes=-200", Wanted::Part(0..100)),
            ("bytes=100-", Wanted::Nothing),
            ("bytes=-0", Wanted::Nothing),
            ("bytes=5-3", Wanted::Whole),
            ("bytes=0-1,5-6", Wanted::Whole),
            ("items=0-1", Wanted::Whole),
            ("bytes=x-", Wanted::Whole),
            ("bytes=-", Wanted::Whole),
            ("", Wanted::Whole),
        ];
        for (text, expected) in cases {
            assert_eq!(wanted(text, 100), expected, "{text:?}");
        }
        assert_eq!(wanted("bytes=0-", 0), Wanted::Nothing);
        assert_eq!(wanted("bytes=0-18446744073709551615", 100), Wanted::Part(0..100));
    }
}
