/** The look of a report. Light or dark as the reader's system is; the plots use the same variables. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fbfaf8; --card: #ffffff; --ink: #1d1d1f; --quiet: #6b6b70; --line: #e4e2dd; --accent: #4b5fd6;
  --process: #3b5bdb; --thread: #0c8599; --async: #d9480f; --waiting: #e9e7e2; --blocked: #f2a65a; --cpu: #4b5fd6;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #141416; --card: #1c1c20; --ink: #ececf0; --quiet: #9a9aa3; --line: #33333a; --accent: #8c9bff;
    --process: #8c9bff; --thread: #5cc8d7; --async: #ff9a62; --waiting: #2e2e35; --blocked: #b9722c; --cpu: #8c9bff;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif; }
main { max-width: 1160px; margin: 0 auto; padding: clamp(20px, 5vw, 56px) clamp(16px, 4vw, 40px); }
header p { margin: 0; color: var(--quiet); font-size: 14px; }
h1 { margin: 2px 0 24px; font-size: clamp(26px, 5vw, 38px); line-height: 1.15; letter-spacing: -0.02em; overflow-wrap: anywhere; }
h2 { margin: 0 0 4px; font-size: 17px; letter-spacing: -0.01em; }
section, figure { margin: 0 0 20px; padding: clamp(16px, 3vw, 28px); background: var(--card); border: 1px solid var(--line); border-radius: 14px; min-width: 0; }
.kind { display: inline-block; margin: 0 0 10px; padding: 3px 12px; border-radius: 99px; background: var(--accent); color: var(--card); font-size: 14px; font-weight: 600; }
.kind::first-letter { text-transform: uppercase; }
.use { margin: 0 0 8px; font-size: clamp(20px, 3.4vw, 27px); line-height: 1.25; font-weight: 600; letter-spacing: -0.015em; }
.text { margin: 0; max-width: 68ch; }
.shares { display: flex; height: 14px; margin: 22px 0 8px; border-radius: 7px; overflow: hidden; background: var(--waiting); }
.shares i { display: block; } .shares .cpu, .key .cpu { background: var(--cpu); } .shares .blocked, .key .blocked { background: var(--blocked); } .key .waiting { background: var(--waiting); }
.key { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 0; padding: 0; list-style: none; color: var(--quiet); font-size: 13px; }
.key i { display: inline-block; width: 10px; height: 10px; margin-right: 6px; border-radius: 3px; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr)); gap: 20px; margin-bottom: 20px; }
.plots figure { margin: 0; }
@media (min-width: 900px) { .plots figure:nth-child(2) { grid-row: span 2; } }
figcaption { margin-bottom: 14px; color: var(--quiet); font-size: 13px; }
figcaption h2 { color: var(--ink); }
figure svg { display: block; width: 100%; max-width: 520px; height: auto; margin: 0 auto; }
.wide { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; white-space: nowrap; }
th, td { padding: 7px 0 7px 14px; text-align: right; border-bottom: 1px solid var(--line); }
th { color: var(--quiet); font-weight: 500; }
th:first-child, td:first-child { padding-left: 0; text-align: left; }
tbody tr:last-child td { border-bottom: 0; }
.used td { font-weight: 650; }
ul.notes { margin: 8px 0 0; padding-left: 20px; font-size: 14px; overflow-wrap: anywhere; }
footer { color: var(--quiet); font-size: 13px; overflow-wrap: anywhere; }
`;
