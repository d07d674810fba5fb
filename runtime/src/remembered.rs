//! Things that were worked out before, as far as they fit: a bounded memory by text.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Remembers values by their texts. What was not asked for in a while is forgotten: there are two generations, and when the younger
/// is full it becomes the older one, whose place it takes.
pub(crate) struct Remembered<V> {
    /// How much one generation holds, in bytes of texts.
    most: usize,
    generations: Mutex<Generations<V>>,
}

struct Generations<V> {
    young: HashMap<Box<str>, V>,
    old: HashMap<Box<str>, V>,
    /// The bytes of the younger one's texts.
    held: usize,
}

impl<V: Clone> Remembered<V> {
    /// Holds texts of so many bytes, and for a while as many again.
    pub(crate) fn new(most: usize) -> Self {
        let generations = Generations { young: HashMap::new(), old: HashMap::new(), held: 0 };
        Self { most, generations: Mutex::new(generations) }
    }

    /// What is remembered under this text.
    pub(crate) fn get(&self, text: &str) -> Option<V> {
        let mut generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(value) = generations.young.get(text) {
            return Some(value.clone());
        }
        let (text, value) = generations.old.remove_entry(text)?;
        self.put(&mut generations, text, value.clone());
        Some(value)
    }

    /// Remembers a value. A text that takes more than a sixteenth of the room is not worth it.
    pub(crate) fn keep(&self, text: &str, value: V) {
        if text.len() > self.most / 16 {
            return;
        }
        let mut generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        generations.old.remove(text);
        self.put(&mut generations, text.into(), value);
    }

    /// Forgets what is remembered under this text.
    pub(crate) fn forget(&self, text: &str) {
        let mut generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        generations.old.remove(text);
        if generations.young.remove(text).is_some() {
            generations.held -= cost(text);
        }
    }

    fn put(&self, generations: &mut Generations<V>, text: Box<str>, value: V) {
        let cost = cost(&text);
        if generations.held + cost > self.most {
            generations.old = std::mem::take(&mut generations.young);
            generations.held = 0;
        }
        if generations.young.insert(text, value).is_none() {
            generations.held += cost;
        }
    }
}

/// The bytes that a text counts: short ones are more than their letters.
fn cost(text: &str) -> usize {
    text.len() + 128
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_stays_and_the_rest_goes() {
        let remembered = Remembered::new(16 * 1024);
        remembered.keep("often", 1);
        for number in 0..10_000 {
            remembered.keep(&format!("once {number}"), number);
            assert_eq!(remembered.get("often"), Some(1), "after {number}");
        }
        let generations = remembered.generations.lock().unwrap_or_else(PoisonError::into_inner);
        assert!(generations.young.len() + generations.old.len() <= 2 * 16 * 1024 / 128);
        assert!(!generations.young.contains_key("once 0") && !generations.old.contains_key("once 0"));
        assert_eq!(generations.held, generations.young.keys().map(|text| cost(text)).sum::<usize>());
    }

    #[test]
    fn what_is_forgotten_is_gone_and_the_newest_value_counts() {
        let remembered = Remembered::new(16 * 1024);
        remembered.keep("a", 1);
        remembered.keep("a", 2);
        assert_eq!(remembered.get("a"), Some(2));
        remembered.forget("a");
        assert_eq!(remembered.get("a"), None);
        assert_eq!(remembered.generations.lock().unwrap_or_else(PoisonError::into_inner).held, 0);
    }

    #[test]
    fn too_long_a_text_is_not_kept() {
        let remembered = Remembered::new(16 * 1024);
        remembered.keep(&"x".repeat(2 * 1024), 1);
        assert_eq!(remembered.get(&"x".repeat(2 * 1024)), None);
    }
}
