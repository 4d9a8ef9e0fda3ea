//! Which screen a customer stands at. Pure: the same file always shows the same screen, on every device.

use super::wire::{ApplicationStep, ReadingState};
use crate::{
    engine::document::{DocumentKind, Side},
    registry::dossier::State,
};

/// Everything the screen depends on.
#[derive(Debug, Clone)]
pub struct Standing<'a> {
    /// Where in its life the file is.
    pub state: State,
    /// The document chosen.
    pub kind: Option<DocumentKind>,
    /// Sides with an accepted photograph of this round.
    pub captured: &'a [Side],
    /// How the reading goes.
    pub reading: ReadingState,
    /// Whether the customer saved a form that has nothing left to mend.
    pub is_form_complete: bool,
    /// Coded reason of the wish for a repetition.
    pub outcome: Option<&'a str>,
    /// The one thing the customer is to do again.
    pub redo_item: Option<&'a str>,
    /// Whether the customer began the repetition with a new document.
    pub is_restarted: bool,
}

/// Reasons of a repetition that need new photographs; every other one begins at the form.
const PHOTOGRAPH_AGAIN: [&str; 1] = ["document_unreadable"];

/// The screen to show.
pub fn step(standing: &Standing<'_>) -> ApplicationStep {
    match standing.state {
        State::Draft | State::Captured => photographing(standing),
        State::Read | State::Redo if standing.is_restarted => photographing(standing),
        State::Redo if standing.redo_item == Some("photo_front") => ApplicationStep::CaptureFront,
        State::Redo if standing.redo_item == Some("photo_back") => ApplicationStep::CaptureBack,
        State::Redo if standing.redo_item.is_some() => ApplicationStep::Details,
        State::Redo if standing.outcome.is_some_and(|reason| PHOTOGRAPH_AGAIN.contains(&reason)) => ApplicationStep::Document,
        State::Read if standing.is_form_complete => ApplicationStep::Consents,
        State::Read | State::Redo => ApplicationStep::Details,
        State::Confirmed => ApplicationStep::When,
        State::Booked => ApplicationStep::Booked,
        State::Waiting => ApplicationStep::Waiting,
        State::InCall => ApplicationStep::Call,
        State::Called | State::Approved | State::Rejected | State::Expired => ApplicationStep::Done,
    }
}

fn photographing(standing: &Standing<'_>) -> ApplicationStep {
    let Some(kind) = standing.kind else { return ApplicationStep::Document };
    match kind.sides().iter().find(|side| !standing.captured.contains(side)) {
        Some(Side::Front) => ApplicationStep::CaptureFront,
        Some(Side::Back) => ApplicationStep::CaptureBack,
        None => match standing.reading {
            ReadingState::NotStarted | ReadingState::Running => ApplicationStep::Reading,
            ReadingState::Done | ReadingState::Failed | ReadingState::Typed => ApplicationStep::Details,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ApplicationStep as Screen;

    fn draft(kind: Option<DocumentKind>, captured: &[Side]) -> Standing<'_> {
        Standing {
            state: State::Draft,
            kind,
            captured,
            reading: ReadingState::NotStarted,
            is_form_complete: false,
            outcome: None,
            redo_item: None,
            is_restarted: false,
        }
    }

    #[test]
    fn every_state_has_its_screen() {
        let card = Some(DocumentKind::CitizenCard);
        for state in State::ALL {
            let wanted = match state {
                State::Draft | State::Captured => Screen::CaptureFront,
                State::Read | State::Redo => Screen::Details,
                State::Confirmed => Screen::When,
                State::Booked => Screen::Booked,
                State::Waiting => Screen::Waiting,
                State::InCall => Screen::Call,
                State::Called | State::Approved | State::Rejected | State::Expired => Screen::Done,
            };
            assert_eq!(step(&Standing { state, ..draft(card, &[]) }), wanted, "{state:?}");
        }
    }

    #[test]
    fn photographs_come_in_order_and_then_the_reading() {
        use Side::{Back, Front};
        let card = Some(DocumentKind::CitizenCard);
        let running = |standing: Standing<'static>| Standing { state: State::Captured, reading: ReadingState::Running, ..standing };
        assert_eq!(step(&draft(None, &[])), Screen::Document);
        assert_eq!(step(&draft(card, &[])), Screen::CaptureFront);
        assert_eq!(step(&draft(card, &[Back])), Screen::CaptureFront);
        assert_eq!(step(&running(draft(card, &[Front]))), Screen::CaptureBack);
        assert_eq!(step(&running(draft(card, &[Front, Back]))), Screen::Reading);
        assert_eq!(step(&running(draft(Some(DocumentKind::Passport), &[Front]))), Screen::Reading);
    }

    #[test]
    fn a_saved_form_without_faults_goes_on_to_the_consents() {
        let read = Standing { state: State::Read, reading: ReadingState::Done, ..draft(Some(DocumentKind::Passport), &[Side::Front]) };
        assert_eq!(step(&read), Screen::Details);
        assert_eq!(step(&Standing { is_form_complete: true, ..read.clone() }), Screen::Consents);
        assert_eq!(step(&Standing { is_restarted: true, is_form_complete: true, captured: &[], ..read }), Screen::CaptureFront, "another document");
    }

    #[test]
    fn a_repetition_begins_where_its_reason_says() {
        let redo = Standing { state: State::Redo, ..draft(Some(DocumentKind::Cmnd), &[Side::Front, Side::Back]) };
        for (reason, wanted) in [
            ("document_unreadable", Screen::Document),
            ("poor_connection", Screen::Details),
            ("customer_request", Screen::Details),
            ("details_wrong", Screen::Details),
            ("other", Screen::Details),
        ] {
            assert_eq!(step(&Standing { outcome: Some(reason), ..redo.clone() }), wanted, "{reason}");
        }
        for (item, wanted) in [("photo_front", Screen::CaptureFront), ("photo_back", Screen::CaptureBack), ("details", Screen::Details)] {
            let one = Standing { outcome: Some("document_unreadable"), redo_item: Some(item), ..redo.clone() };
            assert_eq!(step(&one), wanted, "{item}");
        }
        let restarted = Standing { outcome: Some("document_unreadable"), is_restarted: true, captured: &[], ..redo };
        assert_eq!(step(&restarted), Screen::CaptureFront);
    }
}
