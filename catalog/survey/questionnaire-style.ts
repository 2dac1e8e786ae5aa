/** Rules of the questionnaire beside those of every page. */
export const QUESTIONNAIRE_STYLE = `
[hidden]{display:none!important}
form.sections{gap:24px}
form h2:focus{outline:none}
form h2:focus-visible{outline:2px solid var(--accent-text);outline-offset:4px}
.progress{display:grid;gap:6px}
.progress progress{width:100%;height:8px;appearance:none;border:0;background:var(--grid)}
.progress progress::-webkit-progress-bar{background:var(--grid)}
.progress progress::-webkit-progress-value{background:var(--accent-fill)}
.progress progress::-moz-progress-bar{background:var(--accent-fill)}
.progress .place{color:var(--muted);font-size:15px}
.result:not(:empty){border-inline-start:4px solid var(--accent-fill);background:var(--accent-wash);padding:8px 12px;max-width:none}
.steps{margin:0;padding-inline-start:24px;display:grid;gap:4px}
.steps button{font:inherit;font-size:15px;color:var(--accent-text);background:none;border:0;padding:4px 0;min-height:28px;cursor:pointer;text-align:start}
.steps [aria-current]{font-weight:600;color:var(--ink)}
.field{display:grid;gap:4px;max-width:560px}
.field :is(input,select,textarea){font:inherit;min-height:40px;padding:4px 8px;width:100%;color:var(--ink);background:var(--paper);border:1px solid var(--muted)}
.field [aria-invalid=true]{border:2px solid var(--danger-fill)}
form :is(input,select,textarea):focus-visible{outline:2px solid var(--accent-text);outline-offset:2px}
fieldset{border:0;margin:0;padding:0;min-width:0;display:grid;gap:12px}
legend{padding:0;font-weight:600;margin-block-end:4px}
@media screen{.brief :is(.lede,.notice){display:none}}
.domains .options{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,220px),1fr))}
.card{border:1px solid var(--rule);border-block-start:4px solid var(--accent-fill);padding:16px}
.card legend{float:inline-start;width:100%;font-size:19px;line-height:1.25}
.card legend+*{clear:both}
.card>p{max-width:none}
.title{font-weight:600;font-size:15px}
.choice,.scale{display:grid;gap:4px}
.scale{border-block-start:1px solid var(--grid);padding-block-start:8px}
.scale .title{font-weight:400}
.needed{display:grid;gap:12px;border-block-start:1px solid var(--rule);padding-block-start:12px}
.options{display:flex;flex-wrap:wrap;gap:4px 18px}
.option{display:inline-flex;align-items:center;gap:6px;min-height:32px;cursor:pointer}
.option input{width:18px;height:18px;margin:0;flex:none;accent-color:var(--accent-fill)}
.option small{font-size:13.5px;color:var(--muted)}
.pairs{display:grid;gap:12px;grid-template-columns:repeat(auto-fit,minmax(min(100%,220px),1fr))}
.ranked,.unranked{margin:0;padding-inline-start:24px;display:grid;gap:8px}
.unranked{list-style:none;padding:0}
.ranked li::marker{font-weight:600;color:var(--accent-text)}
.ranked li,.unranked li{max-width:none;min-height:36px}
:is(.ranked,.unranked) bdi{margin-inline-end:12px}
.moves,.ends{display:flex;flex-wrap:wrap;gap:12px}
.moves{border-block-start:1px solid var(--rule);padding-block-start:16px}
:is(.next,.save){font:inherit;font-weight:600;min-height:44px;padding:8px 24px;color:var(--paper);background:var(--accent-text);border:1px solid var(--accent-text);cursor:pointer}
:is(.back,.quiet){font:inherit;min-height:44px;padding:8px 18px;color:var(--accent-text);background:none;border:1px solid var(--accent-text);cursor:pointer}
:is(.ranked,.unranked) .quiet{min-height:32px;padding:2px 12px;margin-inline-end:6px;font-size:15px}
.quiet:disabled{color:var(--muted);border-color:var(--rule);cursor:default}
@media (min-width:640px){.products,.scale{column-gap:16px}.scale{grid-template-columns:minmax(9em,1fr) minmax(0,2.6fr);align-items:center}}
.products{display:grid;gap:16px}
@media print{
form.sections,form>section,form>section[hidden],.products,.product.card{display:block!important;break-inside:auto}
form>section>*,.product.card>*{margin-block:10px}
form>section{margin-block-start:18px}
.moves,.progress,.ends,.aside,.load,.clear,.add-product,.unranked,h3:has(+.unranked),label:has(.load){display:none!important}
.card,.field,.scale,.choice{break-inside:avoid}
.product.card{break-inside:auto}
.note,.title,form h2{break-after:avoid}
.scale{padding-block:4px}
details:not([open]){display:none}
}
`;
