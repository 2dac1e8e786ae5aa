/** Rules of the site beside those of every page. */
export const SITE_STYLE = `
.finder{display:flex;flex-wrap:wrap;gap:12px 16px}
.finder label{display:grid;gap:4px;flex:1 1 160px;min-width:0;font-size:14px;color:var(--muted)}
.finder input,.finder select{font:inherit;font-size:16px;min-height:40px;width:100%;padding:4px 8px;color:var(--ink);background:var(--paper);border:1px solid var(--muted)}
.finder input:focus-visible,.finder select:focus-visible{outline:2px solid var(--accent-text);outline-offset:2px}
.facts ul,td ul{margin:0;padding:0;list-style:none}
@media screen{nav.chapters{display:block}}
nav.chapters ul{display:flex;flex-wrap:wrap;gap:0 20px;border-block:1px solid var(--rule);padding-block:4px}
nav.chapters a,nav.chapters span{display:inline-block;padding-block:4px}
nav.chapters span{font-weight:600}
.state{display:inline-grid;place-items:center;min-width:28px;min-height:24px;font-weight:600;color:var(--ink);border:2px solid}
.state-g{border-color:var(--accent-fill);background:var(--accent-wash)}
.state-a{border-color:var(--warning-fill);background:var(--warning-wash);border-style:dashed}
.state-r{border-color:var(--danger-fill);border-style:double;border-width:4px}
figure rect.flow-box{fill:var(--surface);stroke:var(--rule)}
figure rect.flow-through{fill:var(--accent-wash);stroke:var(--accent-fill)}
thead th::first-letter{text-transform:uppercase}
@media print{.finder{display:none}}
`;
