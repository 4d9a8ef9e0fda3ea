//! Who has a page open: the first page of a person brings them online, the last one takes them off.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use crate::journey::call::Who;

/// Open pages per person, in this process. Cheap to clone.
#[derive(Clone, Default)]
pub struct Pages {
    counts: Arc<Mutex<HashMap<Who, Arc<tokio::sync::Mutex<usize>>>>>,
}

impl Pages {
    /// Counts a page in, and tells `first` if it is the person's only one. Telling is done before another page of the
    /// same person is counted, so that news arrives in order.
    pub async fn enter<F: Future<Output = ()>>(&self, who: Who, first: impl FnOnce() -> F) {
        let count = self.count(who);
        let mut pages = count.lock().await;
        *pages += 1;
        if *pages == 1 {
            first().await;
        }
    }

    /// Counts a page out, and tells `last` if none is left.
    pub async fn leave<F: Future<Output = ()>>(&self, who: Who, last: impl FnOnce() -> F) {
        let count = self.count(who);
        let mut pages = count.lock().await;
        *pages = pages.saturating_sub(1);
        if *pages == 0 {
            last().await;
            drop(pages);
            self.forget(who, &count);
        }
    }

    /// Whether this person has a page open.
    pub async fn has(&self, who: Who) -> bool {
        *self.count(who).lock().await > 0
    }

    fn count(&self, who: Who) -> Arc<tokio::sync::Mutex<usize>> {
        Arc::clone(self.counts.lock().unwrap_or_else(PoisonError::into_inner).entry(who).or_default())
    }

    /// Drops a counter nobody else holds: the map's and the caller's handle are the only two.
    fn forget(&self, who: Who, count: &Arc<tokio::sync::Mutex<usize>>) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if Arc::strong_count(count) == 2 {
            counts.remove(&who);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Ambient, id::DossierId};

    #[tokio::test]
    async fn only_the_first_and_the_last_page_are_news() {
        let (pages, told) = (Pages::default(), Mutex::new(Vec::new()));
        let ambient = Ambient::system();
        let (who, other) = (Who::Customer(ambient.id::<DossierId>()), Who::Customer(ambient.id::<DossierId>()));
        let tell = |word: &'static str| {
            told.lock().unwrap().push(word);
            std::future::ready(())
        };
        pages.enter(who, || tell("on")).await;
        pages.enter(who, || tell("on")).await;
        pages.enter(other, || tell("other on")).await;
        pages.leave(who, || tell("off")).await;
        assert!(pages.has(who).await);
        pages.leave(who, || tell("off")).await;
        assert!(!pages.has(who).await);
        pages.enter(who, || tell("on")).await;
        assert_eq!(*told.lock().unwrap(), ["on", "other on", "off", "on"]);
        pages.leave(other, || tell("other off")).await;
        assert_eq!(pages.counts.lock().unwrap().len(), 1, "who is gone is forgotten");
    }
}
