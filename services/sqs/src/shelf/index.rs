//! The index of one queue.

use std::collections::BTreeMap;

use kernel::Fault;
use store::ReadTx;

use super::groups::Groups;
use super::hidden::{Hidden, Why};
use super::recent::Recent;
use crate::deduplication::SENT;
use crate::message::{DELAYED, GROUPS, STATES, State, age};
use crate::queue::Queue;

/// Which messages of a queue are hidden, which came back, and whose turn it is.
#[derive(Debug, Default)]
pub struct Index {
    /// Messages behind this number were never received. Those before were, or are gone.
    pub cursor: u64,
    /// Messages that can be received again or whose delay is over, by age; FIFO queues have their groups instead.
    pub back: BTreeMap<u64, u64>,
    /// The groups of a FIFO queue.
    pub groups: Groups,
    /// What a FIFO queue got lately, read when something is sent.
    recent: Option<Recent>,
    hidden: Hidden,
    is_fifo: bool,
}

/// How many messages are in which state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Can be received.
    pub visible: u64,
    /// Were received and are hidden.
    pub in_flight: u64,
    /// Were never received and are hidden by a delay.
    pub delayed: u64,
}

impl Index {
    /// Reads what became of the queue's messages.
    pub fn load(tx: &ReadTx<'_>, queue: &Queue) -> Result<Self, Fault> {
        let mut index = Self { is_fifo: queue.fifo.is_some(), ..Self::default() };
        for row in tx.prefix(&STATES, &(queue.id,)) {
            let ((_, number), state) = row?;
            index.hide(number, &state);
        }
        if index.is_fifo {
            for key in tx.prefix(&GROUPS, &(queue.id,)).keys() {
                // Whose first message is hidden is found out when its turn seems to have come.
                index.groups.place(&key?.1, 0, 0);
            }
        }
        Ok(index)
    }

    /// What a FIFO queue got lately.
    pub fn recent(&mut self, tx: &ReadTx<'_>, id: u64) -> Result<&mut Recent, Fault> {
        if self.recent.is_none() {
            let mut recent = Recent::default();
            for row in tx.prefix(&SENT, &(id,)) {
                let ((_, number), sent) = row?;
                recent.insert(&sent.key, number);
            }
            self.recent = Some(recent);
        }
        Ok(self.recent.get_or_insert_default())
    }

    /// Notes until when a message is hidden.
    pub fn hide(&mut self, number: u64, state: &State) {
        let why = if state.received == 0 { Why::Delayed } else { Why::InFlight };
        self.hidden.insert(state.visible_at, number, why);
    }

    /// Forgets a message that was hidden, or came back.
    pub fn drop_message(&mut self, number: u64, state: Option<&State>) {
        if let Some(state) = state {
            self.hidden.remove(state.visible_at, number);
            self.back.remove(&age(number));
        }
    }

    /// Lets messages come back whose time has come.
    pub fn pass(&mut self, now: i64) {
        while let Some(number) = self.hidden.pop_due(now) {
            if !self.is_fifo {
                self.back.insert(age(number), number);
            }
        }
    }

    /// How many messages were received and are neither deleted nor back.
    pub fn in_flight(&self) -> usize {
        self.hidden.in_flight()
    }

    /// Splits the number of all messages.
    pub fn counts(&mut self, total: u64, now: i64) -> Counts {
        self.pass(now);
        let (in_flight, delayed) = (self.hidden.in_flight() as u64, self.hidden.delayed() as u64);
        Counts { visible: total.saturating_sub(in_flight + delayed), in_flight, delayed }
    }

    /// When something hidden can be received next.
    pub fn next(&self, now: i64) -> Option<i64> {
        if self.is_fifo { self.groups.next(now) } else { self.hidden.next() }
    }

    /// Moves the cursor behind a message.
    pub fn advance(&mut self, number: u64) {
        if number & DELAYED == 0 {
            self.cursor = self.cursor.max(number);
        }
    }
}
