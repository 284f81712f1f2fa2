//! Accessible roles, by the names that people and Chromium use.

/// The roles that a step accepts.
#[derive(Clone, Copy)]
pub struct Roles {
    /// For messages: `link, button or menu item`.
    pub called: &'static str,
    pub roles: &'static [&'static str],
    /// Roles that are used if no element with another role has exactly this name.
    pub second: &'static [&'static str],
}

/// Buttons that Chromium distinguishes only by their properties.
pub const PRESSED: &str = "ToggleButton";
pub const OPENS_A_LIST: &str = "PopUpButton";

pub fn is_kind_of_button(role: &str) -> bool {
    matches!(role, PRESSED | OPENS_A_LIST)
}

pub const CLICKABLE: Roles = Roles {
    called: "link, button or menu item",
    roles: &[
        "button",
        "link",
        "menuitem",
        "menuitemcheckbox",
        "menuitemradio",
        "tab",
        "option",
        "treeitem",
        "checkbox",
        "radio",
        "switch",
        "combobox",
        "DisclosureTriangle",
        "PopUpButton",
        "ToggleButton",
        "MenuListOption",
    ],
    second: WRITABLE.roles,
};

/// Elements that can be written to.
pub const WRITABLE: Roles = Roles {
    called: "field",
    roles: &[
        "textbox",
        "searchbox",
        "spinbutton",
        "combobox",
        "slider",
        "Date",
        "DateTime",
        "InputTime",
        "ColorWell",
    ],
    second: &[],
};

/// Elements that have a value.
pub const FIELDS: Roles = Roles {
    called: "field",
    roles: &[
        "textbox",
        "searchbox",
        "spinbutton",
        "combobox",
        "listbox",
        "slider",
        "progressbar",
        "meter",
        "radiogroup",
        "group",
        "Date",
        "DateTime",
        "InputTime",
        "ColorWell",
    ],
    second: &[],
};

pub const CHOICES: Roles = Roles {
    called: "list, group of radio buttons or combobox",
    roles: &[
        "combobox",
        "listbox",
        "radiogroup",
        "group",
        "menu",
        "tablist",
        "tree",
        OPENS_A_LIST,
    ],
    second: &[],
};

pub const OPTIONS: Roles = Roles {
    called: "option",
    roles: &[
        "option",
        "radio",
        "menuitem",
        "menuitemradio",
        "tab",
        "treeitem",
    ],
    second: &[],
};

pub const CHECKABLE: Roles = Roles {
    called: "checkbox, switch or radio button",
    roles: &[
        "checkbox",
        "switch",
        "radio",
        "menuitemcheckbox",
        "menuitemradio",
        PRESSED,
    ],
    second: &[],
};

/// A button that selects a file has the name of its field.
pub const FILES: Roles = Roles {
    called: "field for files",
    roles: &["button"],
    second: &[],
};

/// Parts of a page that contain other elements.
pub const CONTAINERS: Roles = Roles {
    called: "region, row or dialog",
    roles: &[
        "region",
        "row",
        "dialog",
        "alertdialog",
        "group",
        "radiogroup",
        "form",
        "article",
        "list",
        "listitem",
        "listbox",
        "table",
        "grid",
        "treegrid",
        "rowgroup",
        "main",
        "navigation",
        "banner",
        "contentinfo",
        "complementary",
        "search",
        "figure",
        "menu",
        "menubar",
        "toolbar",
        "tablist",
        "tabpanel",
        "tree",
        "treeitem",
        "alert",
        "status",
        "log",
        "Iframe",
    ],
    second: &[],
};

/// Elements that can have the focus.
pub const ANY: Roles = Roles {
    called: "element",
    roles: &[],
    second: &[],
};

/// Countable elements: the plural, and its roles.
const COUNTED: [(&str, &[&str]); 47] = [
    ("alerts", &["alert"]),
    ("articles", &["article"]),
    ("banners", &["banner"]),
    (
        "buttons",
        &[
            "button",
            "PopUpButton",
            "ToggleButton",
            "DisclosureTriangle",
        ],
    ),
    ("cells", &["cell", "gridcell"]),
    ("checkboxes", &["checkbox"]),
    ("column headers", &["columnheader"]),
    ("comboboxes", &["combobox"]),
    ("complementaries", &["complementary"]),
    ("contentinfos", &["contentinfo"]),
    ("dialogs", &["dialog", "alertdialog"]),
    (
        "fields",
        &[
            "textbox",
            "searchbox",
            "spinbutton",
            "combobox",
            "listbox",
            "slider",
            "Date",
            "DateTime",
            "InputTime",
            "ColorWell",
        ],
    ),
    ("figures", &["figure"]),
    ("forms", &["form"]),
    ("frames", &["Iframe"]),
    ("groups", &["group"]),
    ("headings", &["heading"]),
    ("images", &["image", "img"]),
    ("links", &["link"]),
    ("list items", &["listitem"]),
    ("lists", &["list"]),
    ("listboxes", &["listbox"]),
    ("mains", &["main"]),
    (
        "menu items",
        &["menuitem", "menuitemcheckbox", "menuitemradio"],
    ),
    ("menus", &["menu"]),
    ("meters", &["meter"]),
    ("navigations", &["navigation"]),
    ("options", &["option"]),
    ("paragraphs", &["paragraph"]),
    ("progress bars", &["progressbar"]),
    ("radio buttons", &["radio"]),
    ("regions", &["region"]),
    ("row headers", &["rowheader"]),
    ("rows", &["row"]),
    ("searches", &["search"]),
    ("searchboxes", &["searchbox"]),
    ("sliders", &["slider"]),
    ("spinbuttons", &["spinbutton"]),
    ("statuses", &["status"]),
    ("switches", &["switch"]),
    ("tab panels", &["tabpanel"]),
    ("tables", &["table", "grid", "treegrid"]),
    ("tabs", &["tab"]),
    ("textboxes", &["textbox", "searchbox"]),
    ("toolbars", &["toolbar"]),
    ("tooltips", &["tooltip"]),
    ("tree items", &["treeitem"]),
];

/// The roles of a word such as `rows` or `list items`. The singular and ARIA's own names work too.
pub fn counted(word: &str) -> Option<&'static [&'static str]> {
    let plain = |text: &str| text.to_lowercase().replace([' ', '-'], "");
    let wanted = plain(word);
    let is_meant = |plural: &str| {
        let plural = plain(plural);
        let singular = ["boxes", "searches", "statuses", "switches"]
            .iter()
            .any(|end| plural.ends_with(end));
        let singular = if singular { 2 } else { 1 };
        plural == wanted || plural[..plural.len() - singular] == wanted
    };
    let by_word = COUNTED.iter().find(|(plural, _)| is_meant(plural));
    by_word
        .or_else(|| {
            COUNTED.iter().find(|(_, roles)| {
                let mut roles = roles.iter().map(|role| plain(role));
                roles.any(|role| wanted == role || wanted == format!("{role}s"))
            })
        })
        .map(|(_, roles)| *roles)
}

/// All words that can be counted, for messages.
pub fn countable() -> String {
    let words: Vec<_> = COUNTED.iter().map(|(plural, _)| *plural).collect();
    words.join(", ")
}

/// The usual name of a role. Chromium has its own names for some roles.
pub fn called(role: &str) -> &str {
    match role {
        "DisclosureTriangle" => "button (of details)",
        "PopUpButton" | "ToggleButton" => "button",
        "Date" => "field for a date",
        "DateTime" => "field for a date and time",
        "InputTime" => "field for a time",
        "ColorWell" => "field for a colour",
        "RootWebArea" => "page",
        "StaticText" => "text",
        "LabelText" => "label",
        "Iframe" => "frame",
        role => role,
    }
}
