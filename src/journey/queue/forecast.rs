//! What customers are told about their wait, what it is made of, and how true it was.

use std::{collections::BTreeMap, sync::PoisonError};

use chrono::Duration;

use super::{
    Queue, QueueError,
    estimate::{self, Outlook, Staffing, WaitRange},
    line::view,
    presence::Doing,
    routing::{Catalogue, Lane, Skills},
    settings, skills, store,
    ticket::Ticket,
    wire::{EstimateError, QueueHealth, Refusal, TakeTicket, TicketView, WaitEstimate},
};
use crate::{
    base::{db::DbError, id::DossierId},
    registry::dossier,
};

/// Times older than this say nothing about today.
const MEASURED_FOR: Duration = Duration::hours(8);
/// What was measured in hours is looked up again after this long.
const MEASURED_KEEPS: Duration = Duration::seconds(5);

/// What was measured, by language and product, and when it was looked up.
pub(super) type Known = (crate::base::Timestamp, Vec<(String, String, estimate::Measured)>);

impl Queue {
    /// How long a call in this language about this product would now take to be answered.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn estimate(&self, locale: &str, product: Option<&str>) -> Result<WaitEstimate, DbError> {
        let catalogue = Catalogue::of(&self.parts().settings);
        let depth = store::depth(&self.parts().db).await?;
        let outlook = self.outlook_behind_all().await?;
        let lane = catalogue.strict(locale, catalogue.product(product));
        let range = WaitRange::around(estimate::expected(outlook.situation(lane)));
        Ok(WaitEstimate {
            is_open: self.parts().calendar.hours().is_open(self.now()) && self.refuse_new_calls().is_ok(),
            is_staffed: depth.on_duty > 0,
            wait_low_minutes: range.low,
            wait_high_minutes: range.high,
            waiting: depth.waiting,
            refusal: match self.refuse_when_full(depth) {
                Err(QueueError::Full) => Some(Refusal::Full),
                Err(_) => Some(Refusal::Unstaffed),
                Ok(()) => None,
            },
        })
    }

    /// The wait expected of somebody who takes a ticket now.
    pub(super) async fn expected_behind_all(&self, dossier: DossierId, wish: &TakeTicket) -> Result<Duration, DbError> {
        let catalogue = Catalogue::of(&self.parts().settings);
        let locale = dossier::find(&self.parts().db, dossier).await?.map(|file| file.locale).unwrap_or_default();
        let lane = catalogue.strict(&locale, catalogue.product(wish.product.as_deref()));
        Ok(estimate::expected(self.outlook_behind_all().await?.situation(lane)))
    }

    async fn outlook_behind_all(&self) -> Result<Outlook, DbError> {
        let mut outlook = self.outlook().await?;
        for ticket in store::line(&self.parts().db).await? {
            outlook.pass(self.lane_of(&ticket));
        }
        Ok(outlook)
    }

    /// A ticket as its customer sees it now.
    pub(super) async fn view(&self, ticket: &Ticket) -> Result<TicketView, DbError> {
        let db = &self.parts().db;
        let depth = store::depth(db).await?;
        if !ticket.standing.is_in_line() {
            return Ok(view(ticket, 0, depth.on_duty > 0, WaitRange { low: 0, high: 0 }, (&self.parts().settings, self.now())));
        }
        let mut outlook = self.outlook().await?;
        let mut position = 1;
        for ahead in store::line(db).await?.iter().take_while(|ahead| ahead.id != ticket.id) {
            outlook.pass(self.lane_of(ahead));
            position += 1;
        }
        Ok(view(ticket, position, depth.on_duty > 0, self.shown(ticket, &outlook), (&self.parts().settings, self.now())))
    }

    /// What to show a ticket behind those who passed: never more than was shown before.
    pub(super) fn shown(&self, ticket: &Ticket, outlook: &Outlook) -> WaitRange {
        let range = WaitRange::around(estimate::expected(outlook.situation(self.lane_of(ticket))));
        ticket.shown.map_or(range, |shown| shown.lowered_to(range))
    }

    pub(super) fn lane_of(&self, ticket: &Ticket) -> Lane {
        Catalogue::of(&self.parts().settings).strict(&ticket.locale, &ticket.product)
    }

    /// Who is on duty and what was measured of late, before an empty line.
    pub(super) async fn outlook(&self) -> Result<Outlook, DbError> {
        let (db, chosen) = (&self.parts().db, &self.parts().settings);
        let catalogue = Catalogue::of(chosen);
        let skills = skills::of_all(db).await?;
        let mut staffing = Staffing::default();
        for agent in store::agents_here(db).await?.into_iter().filter(super::presence::Agent::is_on_duty) {
            let lanes = catalogue.lanes(skills.get(&agent.id).unwrap_or(&Skills::default()));
            staffing.add(lanes, agent.doing == Doing::Ready);
        }
        let mut measured: BTreeMap<Lane, estimate::Measured> = BTreeMap::new();
        for (locale, product, found) in self.measured().await? {
            measured.insert(catalogue.strict(&locale, &product), found);
        }
        let usual = (settings::seconds(chosen.usual_handling_seconds), settings::seconds(chosen.patience_seconds));
        Ok(Outlook::new(staffing, measured, usual))
    }

    /// What was measured of late. Everybody who comes needs it and it hardly changes from one to the next, so it is kept for a moment.
    async fn measured(&self) -> Result<Vec<(String, String, estimate::Measured)>, DbError> {
        let now = self.now();
        let known = self.0.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((_, found)) = known.filter(|(at, _)| now > *at && now - *at < MEASURED_KEEPS) {
            return Ok(found);
        }
        let found = store::measured(&self.parts().db, now - MEASURED_FOR).await?;
        *self.0.known.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, found.clone()));
        Ok(found)
    }

    /// How the queue does and how true estimates were, for supervisors.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn health(&self) -> Result<QueueHealth, DbError> {
        let db = &self.parts().db;
        let since = self.now() - MEASURED_FOR;
        let depth = store::depth(db).await?;
        let answered = store::answered(db, since).await?;
        let error = (answered.foretold > 0).then(|| EstimateError {
            calls: answered.foretold,
            mean_seconds: mean(answered.error_ms, answered.foretold),
            bias_seconds: mean(answered.bias_ms, answered.foretold),
            within_a_minute_percent: u32::try_from(u64::from(answered.within) * 100 / u64::from(answered.foretold)).unwrap_or(0),
        });
        Ok(QueueHealth {
            since,
            waiting: depth.waiting,
            oldest_since: depth.oldest_since,
            ready_agents: depth.ready,
            on_duty: depth.on_duty,
            answered: answered.calls,
            abandoned: answered.abandoned,
            mean_wait_seconds: if answered.calls > 0 { mean(answered.waited_ms, answered.calls) } else { 0 },
            estimate_error: error,
            takes_calls: self.parts().calls.has_room(),
            is_rebuilding: self.refuse_while_rebuilding().is_err(),
        })
    }
}

fn mean(total_ms: i64, count: u32) -> i32 {
    i32::try_from(total_ms / i64::from(count.max(1)) / 1000).unwrap_or(i32::MAX)
}
