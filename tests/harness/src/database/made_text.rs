//! A text that a regular expression takes: for conditions such as `code ~ '^[A-Z]{3}-\d+$'`.

use std::{iter::Peekable, str::Chars};

/// As often as this does a repetition without an end repeat.
const OFTEN: usize = 6;

/// A text made for a pattern, another for another number; none for patterns beyond the usual.
pub fn for_pattern(pattern: &str, number: u64) -> Option<String> {
    let mut maker = Maker {
        rest: pattern.chars().peekable(),
        number,
    };
    let text = maker.alternatives()?;
    maker.rest.next().is_none().then_some(text)
}

struct Maker<'a> {
    rest: Peekable<Chars<'a>>,
    number: u64,
}

impl Maker<'_> {
    /// The first of the texts that `|` parts.
    fn alternatives(&mut self) -> Option<String> {
        let text = self.sequence()?;
        while self.rest.next_if_eq(&'|').is_some() {
            self.sequence()?;
        }
        Some(text)
    }

    fn sequence(&mut self) -> Option<String> {
        let mut text = String::new();
        while let Some(next) = self.rest.next_if(|next| !matches!(next, '|' | ')')) {
            if matches!(next, '^' | '$') {
                continue;
            }
            if next == '(' {
                text.push_str(&self.group()?);
                continue;
            }
            let set = match next {
                '[' => self.class()?,
                '.' => ('a'..='z').collect(),
                '\\' => escaped(self.rest.next()?),
                literal => vec![literal],
            };
            for _ in 0..self.repetition()? {
                text.push(self.pick(&set)?);
            }
        }
        Some(text)
    }

    fn group(&mut self) -> Option<String> {
        if self.rest.next_if_eq(&'?').is_some() {
            self.rest.next_if_eq(&':')?;
        }
        let text = self.alternatives()?;
        self.rest.next_if_eq(&')')?;
        let often = self.repetition()?;
        Some(text.repeat(often.min(OFTEN)))
    }

    /// The characters of `[a-z0-9_]`; of `[^@]` letters that aren't named.
    fn class(&mut self) -> Option<Vec<char>> {
        let negated = self.rest.next_if_eq(&'^').is_some();
        let mut set: Vec<char> = Vec::new();
        loop {
            match self.rest.next()? {
                ']' if !set.is_empty() => break,
                '[' if self.rest.peek() == Some(&':') => return None,
                '\\' => set.extend(escaped(self.rest.next()?)),
                '-' if !set.is_empty() && self.rest.peek() != Some(&']') => {
                    let (from, to) = (set.pop()?, self.rest.next()?);
                    set.extend(from..=to);
                }
                literal => set.push(literal),
            }
        }
        Some(if negated {
            ('a'..='z').filter(|letter| !set.contains(letter)).collect()
        } else {
            set
        })
    }

    /// How often what came before is written.
    fn repetition(&mut self) -> Option<usize> {
        match self.rest.peek() {
            Some('?') => self.rest.next().map(|_| 0),
            Some('*' | '+') => self.rest.next().map(|_| OFTEN),
            Some('{') => {
                self.rest.next();
                let mut bounds = String::new();
                while let Some(next) = self.rest.next_if(|next| *next != '}') {
                    bounds.push(next);
                }
                self.rest.next()?;
                let (least, most) = bounds.split_once(',').unwrap_or((&bounds, &bounds));
                let least: usize = least.parse().ok()?;
                let most = most.parse().unwrap_or(usize::MAX);
                Some(OFTEN.clamp(least, most.max(least)))
            }
            _ => Some(1),
        }
    }

    /// One of the characters; which one, the number tells place by place.
    fn pick(&mut self, set: &[char]) -> Option<char> {
        let size = u64::try_from(set.len()).ok().filter(|size| *size > 0)?;
        let index = self.number % size;
        if size > 1 {
            self.number /= size;
        }
        set.get(usize::try_from(index).ok()?).copied()
    }
}

fn escaped(letter: char) -> Vec<char> {
    match letter {
        'd' => ('0'..='9').collect(),
        'w' => ('a'..='z').collect(),
        's' => vec![' '],
        literal => vec![literal],
    }
}
