//! Whether there is room for another recording: what cannot be recorded must not begin.

use serde::{Deserialize, Serialize};

use super::Recordings;
use crate::engine::vault::Disk;

const GIB: u64 = 1 << 30;

/// Section `recording`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// From so full a disk on no new calls are taken.
    pub no_new_calls_percent: u32,
    /// From so full a disk on the operator is alarmed.
    pub alarm_percent: u32,
    /// With so much free room, in GiB, the percentages do not count: a tenth of a large disk is weeks of calls.
    pub enough_gib: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { no_new_calls_percent: 80, alarm_percent: 90, enough_gib: 100 }
    }
}

impl Settings {
    /// What does not go together, one sentence each.
    pub fn contradictions(&self) -> Vec<String> {
        let is_upside_down = self.alarm_percent < self.no_new_calls_percent;
        is_upside_down
            .then(|| "recording.alarm_percent is below recording.no_new_calls_percent: calls end before anybody is alarmed".to_owned())
            .into_iter()
            .collect()
    }

    fn judge(&self, disk: Disk) -> Room {
        let has_enough = disk.free_bytes >= self.enough_gib.saturating_mul(GIB);
        let passes = |percent| !has_enough && disk.used_percent >= percent;
        Room { used_percent: disk.used_percent, takes_calls: !passes(self.no_new_calls_percent), is_alarming: passes(self.alarm_percent) }
    }
}

/// The room there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// How full the disk of the recordings is.
    pub used_percent: u32,
    /// Whether new calls are taken.
    pub takes_calls: bool,
    /// Whether the operator has to act now.
    pub is_alarming: bool,
}

impl Recordings {
    /// The room there is now. A disk that does not answer has none.
    pub fn room(&self) -> Room {
        match self.vault.disk() {
            Ok(disk) => self.settings.judge(disk),
            Err(error) => {
                tracing::error!(error = %error, "the disk of the recordings does not answer");
                Room { used_percent: 100, takes_calls: false, is_alarming: true }
            }
        }
    }

    /// Tells the operator in the log when there is little room. The call room's loop asks every few seconds.
    pub fn watch_room(&self) {
        let room = self.room();
        if room.is_alarming {
            tracing::error!(used_percent = room.used_percent, "alarm: the disk of the recordings is almost full; running calls end when it is");
        } else if !room.takes_calls {
            tracing::warn!(used_percent = room.used_percent, "the disk of the recordings fills up: no new calls are taken");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_stop_first_then_the_alarm_and_a_large_disk_has_room() {
        let settings = Settings::default();
        let at = |used_percent, free_gib: u64| {
            let room = settings.judge(Disk { used_percent, free_bytes: free_gib * GIB });
            (room.takes_calls, room.is_alarming)
        };
        assert_eq!([at(79, 20), at(80, 20), at(89, 20), at(90, 20), at(100, 0)], [(true, false), (false, false), (false, false), (false, true), (false, true)]);
        assert_eq!([at(95, 100), at(95, 99)], [(true, false), (false, true)]);
        assert_eq!(settings.contradictions().len(), 0);
        assert_eq!(Settings { alarm_percent: 70, ..settings }.contradictions().len(), 1);
    }
}
