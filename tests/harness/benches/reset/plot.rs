//! Plots the medians as an SVG: ms by the number of tables, on two logarithmic axes.

use std::path::Path;

use bdd_harness::failure::Failure;

use crate::{measured::rounded, summary::Row};

const WIDTH: f64 = 860.0;
const HEIGHT: f64 = 500.0;
/// The area of the chart. The names of the lines are to its right.
const LEFT: f64 = 70.0;
const RIGHT: f64 = WIDTH - 215.0;
const TOP: f64 = 50.0;
const BOTTOM: f64 = HEIGHT - 60.0;
/// The minimum distance between two names.
const LINE: f64 = 18.0;

/// The start of a way's label, its name in the plot, and its colour (distinguishable for colour-blind people).
const LINES: [(&str, &str, &str); 7] = [
    ("create", "migrated", "#6b6b6b"),
    ("clone, STRATEGY F", "clone, FILE_COPY", "#aa4499"),
    ("clone, STRATEGY W", "clone, WAL_LOG", "#882255"),
    ("TRUNCATE", "TRUNCATE all", "#0072b2"),
    ("DELETE", "DELETE all", "#007d5c"),
    ("ours", "ours", "#d53e00"),
    ("ROLLBACK", "rollback", "#8a7000"),
];

/// A range of values on a logarithmic axis, and its position in the image.
struct Axis {
    from: f64,
    to: f64,
    start: f64,
    end: f64,
}

impl Axis {
    fn place(&self, value: f64) -> f64 {
        let share = (value.log10() - self.from.log10()) / (self.to.log10() - self.from.log10());
        self.start + share * (self.end - self.start)
    }

    /// The powers of ten in this range.
    fn decades(&self) -> impl Iterator<Item = f64> {
        let (first, last) = (self.from.log10().ceil(), self.to.log10().floor());
        std::iter::successors(Some(first), move |at| {
            (at + 1.0 <= last).then_some(at + 1.0)
        })
        .map(|exponent| 10_f64.powf(exponent))
    }
}

/// Draws the plot on a white background, so that it is readable on a dark page too.
pub fn draw(file: &Path, rows: &[Row]) -> Result<(), Failure> {
    std::fs::write(file, svg(rows))
        .map_err(|error| Failure::new(format!("{}: {error}", file.display())))
}

fn svg(rows: &[Row]) -> String {
    let lines: Vec<_> = LINES
        .iter()
        .map(|(beginning, name, color)| (*name, *color, points(rows, beginning)))
        .filter(|(_, _, points)| !points.is_empty())
        .collect();
    let times = || {
        lines
            .iter()
            .flat_map(|(_, _, points)| points.iter().map(|(_, ms)| *ms))
    };
    let sizes = || rows.iter().map(|row| row.tables as f64);
    let x = Axis {
        from: sizes().fold(f64::MAX, f64::min),
        to: sizes().fold(0.0, f64::max),
        start: LEFT,
        end: RIGHT,
    };
    let y = Axis {
        from: 10_f64.powf(times().fold(f64::MAX, f64::min).log10().floor()),
        to: 10_f64.powf(times().fold(0.0, f64::max).log10().ceil()),
        start: BOTTOM,
        end: TOP,
    };
    let mut svg = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="14" fill="#333">
<rect width="100%" height="100%" fill="white"/>
<text x="{}" y="28" font-size="19" text-anchor="middle">A clean database after a scenario that wrote to three tables</text>
<text x="{}" y="{}" text-anchor="middle">tables in the schema</text>
<text transform="translate(18 {}) rotate(-90)" text-anchor="middle">median, ms</text>
"##,
        WIDTH / 2.0,
        f64::midpoint(LEFT, RIGHT),
        HEIGHT - 14.0,
        f64::midpoint(TOP, BOTTOM),
    );
    for value in x.decades() {
        let at = x.place(value);
        svg.push_str(&format!(
            "<path d=\"M{at:.1} {TOP}V{BOTTOM}\" stroke=\"#e4e4e4\"/><text x=\"{at:.1}\" y=\"{}\" text-anchor=\"middle\">{value}</text>\n",
            BOTTOM + 20.0
        ));
    }
    for value in y.decades() {
        let at = y.place(value);
        svg.push_str(&format!(
            "<path d=\"M{LEFT} {at:.1}H{RIGHT}\" stroke=\"#e4e4e4\"/><text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{value}</text>\n",
            LEFT - 8.0,
            at + 5.0
        ));
    }
    let mut names = Vec::new();
    for (name, color, points) in &lines {
        let width = if *name == "ours" { 4 } else { 2 };
        let places: Vec<_> = points
            .iter()
            .map(|(tables, ms)| format!("{:.1} {:.1}", x.place(*tables), y.place(*ms)))
            .collect();
        svg.push_str(&format!(
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"{width}\"/>\n",
            places.join(" ")
        ));
        let last = points.last().map_or(0.0, |(_, ms)| *ms);
        names.push((
            y.place(last),
            format!("{name}: {} ms", rounded(last)),
            *color,
        ));
    }
    // From bottom to top: each name is at the end of its line, or above the previous name.
    names.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut free = f64::MAX;
    for (at, name, color) in names {
        let at = at.min(free);
        free = at - LINE;
        svg.push_str(&format!(
            "<text x=\"{}\" y=\"{:.1}\" fill=\"{color}\">{name}</text>\n",
            RIGHT + 10.0,
            at + 5.0
        ));
    }
    svg + "</svg>\n"
}

fn points(rows: &[Row], beginning: &str) -> Vec<(f64, f64)> {
    let points = rows.iter().filter_map(|row| {
        let way = row
            .ways
            .iter()
            .find(|way| way.label.starts_with(beginning))?;
        Some((row.tables as f64, way.median()))
    });
    points.collect()
}
