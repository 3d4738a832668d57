//! The colours, for light screens and for dark ones.

/// The style sheet.
pub(super) const CSS: &str = "\
text { font: 12px ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace; fill: #1f2328; }
.ground { fill: #ffffff; }
.band { fill: none; stroke: #d1d9e0; }
.heading { font-size: 14px; font-weight: bold; }
.zone { font-weight: bold; fill: #59636e; }
.verdict { fill: #59636e; }
.legend { font-size: 11px; fill: #59636e; }
.note { font-size: 11px; font-weight: bold; paint-order: stroke; stroke: #ffffff; stroke-width: 4px; }
.box { stroke-width: 1.2; }
.line { fill: none; stroke-width: 1.6; }
.added { stroke-width: 3.2; }
.removed { stroke-dasharray: 6 5; }
.changed { stroke-width: 3.2; }
.box.good { fill: #dafbe1; stroke: #1a7f37; }
.box.bad { fill: #ffebe9; stroke: #cf222e; }
.box.between { fill: #fff8c5; stroke: #9a6700; }
.box.plain { fill: #f6f8fa; stroke: #8c959f; }
.line.good { stroke: #1a7f37; }
.line.bad { stroke: #cf222e; }
.line.between { stroke: #9a6700; }
.line.plain { stroke: #8c959f; }
.note.good { fill: #1a7f37; }
.note.bad { fill: #cf222e; }
.note.between { fill: #9a6700; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; }
  .ground { fill: #0d1117; }
  .band { stroke: #3d444d; }
  .zone, .verdict, .legend { fill: #9198a1; }
  .note { stroke: #0d1117; }
  .box.good { fill: #12261e; stroke: #3fb950; }
  .box.bad { fill: #2d1214; stroke: #f85149; }
  .box.between { fill: #272115; stroke: #d29922; }
  .box.plain { fill: #161b22; stroke: #6e7681; }
  .line.good { stroke: #3fb950; }
  .line.bad { stroke: #f85149; }
  .line.between { stroke: #d29922; }
  .line.plain { stroke: #6e7681; }
  .note.good { fill: #3fb950; }
  .note.bad { fill: #f85149; }
  .note.between { fill: #d29922; }
}
";
