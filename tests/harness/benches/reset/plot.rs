//! The picture for the README: ms by the number of tables, both on a logarithmic scale.

use std::path::Path;

use plotters::{
    prelude::*,
    style::text_anchor::{HPos, Pos, VPos},
};

use crate::{measured::figure, summary::Row};
use bdd_harness::failure::Failure;

const SIZE: (u32, u32) = (860, 500);
/// Room for the lines' names.
const NAMES: i32 = 215;
const FONT: &str = "sans-serif";
const INK: RGBColor = RGBColor(0x33, 0x33, 0x33);
const GRID: RGBColor = RGBColor(0xe4, 0xe4, 0xe4);

/// The lines: how a way's label begins, what it is called here, and its colour, told apart by the colour-blind too.
const LINES: [(&str, &str, RGBColor); 7] = [
    ("create", "migrated anew", RGBColor(0x6b, 0x6b, 0x6b)),
    (
        "clone, STRATEGY F",
        "clone, FILE_COPY",
        RGBColor(0xaa, 0x44, 0x99),
    ),
    (
        "clone, STRATEGY W",
        "clone, WAL_LOG",
        RGBColor(0x88, 0x22, 0x55),
    ),
    ("TRUNCATE", "TRUNCATE all", RGBColor(0x00, 0x72, 0xb2)),
    ("DELETE", "DELETE all", RGBColor(0x00, 0x7d, 0x5c)),
    ("ours", "ours", RGBColor(0xd5, 0x3e, 0x00)),
    ("ROLLBACK", "rollback", RGBColor(0x8a, 0x70, 0x00)),
];

struct Line {
    name: String,
    color: RGBColor,
    width: u32,
    points: Vec<(f64, f64)>,
}

/// Draws it; on white, so that it can be read on a dark page too, and without any font of this machine.
pub fn draw(file: &Path, rows: &[Row]) -> Result<(), Failure> {
    let lines: Vec<Line> = LINES
        .iter()
        .map(|(beginning, name, color)| line(rows, beginning, name, *color))
        .filter(|line| !line.points.is_empty())
        .collect();
    svg(file, rows, &lines)
        .map_err(|error| Failure::new(format!("{} can't be drawn: {error}", file.display())))
}

fn line(rows: &[Row], beginning: &str, name: &str, color: RGBColor) -> Line {
    let points = rows.iter().filter_map(|row| {
        let way = row
            .ways
            .iter()
            .find(|way| way.label.starts_with(beginning))?;
        Some((row.tables as f64, way.median()))
    });
    let points: Vec<_> = points.collect();
    let last = points.last().map_or(0.0, |(_, ms)| *ms);
    Line {
        name: format!("{name}: {} ms", figure(last)),
        color,
        width: if name == "ours" { 4 } else { 2 },
        points,
    }
}

fn svg(file: &Path, rows: &[Row], lines: &[Line]) -> Result<(), Box<dyn std::error::Error>> {
    let sizes = || rows.iter().map(|row| row.tables as f64);
    let times = || {
        lines
            .iter()
            .flat_map(|line| line.points.iter().map(|(_, ms)| *ms))
    };
    let (smallest, largest) = (
        sizes().fold(f64::MAX, f64::min),
        sizes().fold(0.0, f64::max),
    );
    let decade = |exponent: f64| 10_f64.powf(exponent);
    let lowest = decade(times().fold(f64::MAX, f64::min).log10().floor());
    let highest = decade(times().fold(0.0, f64::max).log10().ceil());

    let root = SVGBackend::new(file, SIZE).into_drawing_area();
    root.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&root)
        .margin(14)
        .margin_right(NAMES)
        .caption(
            "A clean database after a scenario that wrote to three tables",
            (FONT, 19).into_font().color(&INK),
        )
        .x_label_area_size(46)
        .y_label_area_size(62)
        .build_cartesian_2d(
            (smallest * 0.9..largest * 1.02).log_scale(),
            (lowest..highest).log_scale(),
        )?;
    let whole = |value: &f64| {
        let exponent = value.log10();
        let is_decade = (exponent - exponent.round()).abs() < 1e-6;
        if is_decade {
            format!("{value}")
        } else {
            String::new()
        }
    };
    chart
        .configure_mesh()
        .bold_line_style(GRID)
        .light_line_style(TRANSPARENT)
        .axis_style(INK)
        .label_style((FONT, 14).into_font().color(&INK))
        .axis_desc_style((FONT, 15).into_font().color(&INK))
        .x_desc("tables in the schema")
        .y_desc("median, ms")
        .x_label_formatter(&whole)
        .y_label_formatter(&whole)
        .draw()?;
    for line in lines {
        let style = line.color.stroke_width(line.width);
        chart.draw_series(LineSeries::new(line.points.clone(), style))?;
        let dots = line
            .points
            .iter()
            .map(|point| Circle::new(*point, line.width + 1, line.color.filled()));
        chart.draw_series(dots)?;
    }
    let ends = lines.iter().filter_map(|line| {
        let (x, y) = chart.backend_coord(line.points.last()?);
        Some((line, x, y))
    });
    for (line, x, y) in apart(ends.collect()) {
        let style = (FONT, 14)
            .into_font()
            .color(&line.color)
            .pos(Pos::new(HPos::Left, VPos::Center));
        root.draw(&Text::new(line.name.clone(), (x + 10, y), style))?;
    }
    root.present()?;
    Ok(())
}

/// Names that would overlap push each other away.
fn apart(mut names: Vec<(&Line, i32, i32)>) -> Vec<(&Line, i32, i32)> {
    const HEIGHT: i32 = 18;
    names.sort_by_key(|(_, _, y)| *y);
    // A hundred rounds settle any heap of so few.
    for _ in 0..100 {
        for second in 1..names.len() {
            let missing = HEIGHT - (names[second].2 - names[second - 1].2);
            if missing > 0 {
                names[second - 1].2 -= missing / 2;
                names[second].2 += missing - missing / 2;
            }
        }
    }
    names
}
