//! The names of keys: `Enter`, `Shift+Tab`, `Control+A`, `ArrowDown`, `x`.

const ALT: i64 = 1;
const CONTROL: i64 = 2;
const META: i64 = 4;
const SHIFT: i64 = 8;

/// Name, other names, key code, and the text that the key writes.
const NAMED: [(&str, &[&str], i64, &str); 20] = [
    ("Enter", &["Return"], 13, "\r"),
    ("Tab", &[], 9, ""),
    ("Escape", &["Esc"], 27, ""),
    ("Backspace", &[], 8, ""),
    ("Delete", &["Del"], 46, ""),
    ("Insert", &[], 45, ""),
    ("Space", &["Spacebar"], 32, " "),
    ("ArrowLeft", &["Left"], 37, ""),
    ("ArrowUp", &["Up"], 38, ""),
    ("ArrowRight", &["Right"], 39, ""),
    ("ArrowDown", &["Down"], 40, ""),
    ("PageUp", &[], 33, ""),
    ("PageDown", &[], 34, ""),
    ("End", &[], 35, ""),
    ("Home", &[], 36, ""),
    ("ContextMenu", &[], 93, ""),
    ("Control", &["Ctrl"], 17, ""),
    ("Shift", &[], 16, ""),
    ("Alt", &["Option"], 18, ""),
    ("Meta", &["Command", "Cmd", "Super"], 91, ""),
];

pub struct Pressed {
    pub modifiers: Vec<Key>,
    pub key: Key,
}

/// One key in the protocol's format.
pub struct Key {
    pub key: String,
    pub code: String,
    pub number: i64,
    text: String,
}

impl Key {
    /// Its bit among the modifiers; 0 for other keys.
    pub fn bit(&self) -> i64 {
        match self.key.as_str() {
            "Alt" => ALT,
            "Control" => CONTROL,
            "Meta" => META,
            "Shift" => SHIFT,
            _ => 0,
        }
    }

    /// The text that it writes with these modifiers.
    pub fn text(&self, modifiers: i64) -> Option<&str> {
        let is_command = modifiers & (ALT | CONTROL | META) != 0;
        (!is_command && !self.text.is_empty()).then_some(&self.text)
    }

    fn named(name: &str) -> Option<Self> {
        let known = NAMED.iter().find(|(known, others, ..)| {
            let mut all = others.iter().chain([known]);
            all.any(|known| known.eq_ignore_ascii_case(name))
        });
        let (name, _, number, text) = known?;
        let (key, code) = match *name {
            "Space" => (" ", "Space".to_owned()),
            "Control" | "Shift" | "Alt" | "Meta" => (*name, format!("{name}Left")),
            name => (name, name.to_owned()),
        };
        Some(Self {
            key: key.to_owned(),
            code,
            number: *number,
            text: (*text).to_owned(),
        })
    }

    fn function(name: &str) -> Option<Self> {
        let digits = name.strip_prefix(['F', 'f'])?;
        let number: i64 = digits.parse().ok()?;
        (1..=12).contains(&number).then(|| Self {
            key: format!("F{number}"),
            code: format!("F{number}"),
            number: 111 + number,
            text: String::new(),
        })
    }

    fn character(name: &str, shifted: bool) -> Option<Self> {
        let mut characters = name.chars();
        let (Some(character), None) = (characters.next(), characters.next()) else {
            return None;
        };
        let upper = character.to_ascii_uppercase();
        let (code, number) = match upper {
            'A'..='Z' => (format!("Key{upper}"), i64::from(u32::from(upper))),
            '0'..='9' => (format!("Digit{upper}"), i64::from(u32::from(upper))),
            _ => (String::new(), 0),
        };
        let written = if shifted { upper } else { character };
        Some(Self {
            key: written.to_string(),
            code,
            number,
            text: written.to_string(),
        })
    }
}

/// Parses `Control+A`. A plus sign is `+` or `Control++`.
pub fn read(keys: &str) -> Result<Pressed, String> {
    let (before, last) = match keys.strip_suffix('+') {
        Some(before) => (before.strip_suffix('+').unwrap_or(before), "+"),
        None => keys.rsplit_once('+').unwrap_or(("", keys)),
    };
    let mut modifiers = Vec::new();
    for name in before.split('+').filter(|name| !name.is_empty()) {
        let key = Key::named(name).filter(|key| key.bit() != 0);
        modifiers.push(key.ok_or_else(|| {
            format!("`{name}` in `{keys}` is no modifier: Control, Shift, Alt and Meta are")
        })?);
    }
    let bits: i64 = modifiers.iter().map(Key::bit).sum();
    let is_command = bits & (ALT | CONTROL | META) != 0;
    // With Control, a letter means its key, in upper or lower case.
    let last_as_key = if is_command && bits & SHIFT == 0 && last.chars().count() == 1 {
        last.to_lowercase()
    } else {
        last.to_owned()
    };
    let key = Key::named(last)
        .or_else(|| Key::function(last))
        .or_else(|| Key::character(&last_as_key, bits & SHIFT != 0));
    let key = key.ok_or_else(|| unknown(last))?;
    Ok(Pressed { modifiers, key })
}

fn unknown(name: &str) -> String {
    let names: Vec<_> = NAMED.iter().map(|(name, ..)| *name).collect();
    format!(
        "`{name}` is no key: there are single characters, F1 to F12, {}",
        names.join(", ")
    )
}
