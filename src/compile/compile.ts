// stub
import { campaignFile } from "./campaign-file.ts";
import { bundleForEvaluation } from "./realm/bundle.ts";
import { evaluate } from "./realm/evaluate.ts";
import { Modules } from "./source/module.ts";
const t0 = performance.now();
const file = campaignFile(process.argv[2]!, process.cwd());
const b = await bundleForEvaluation(file, new Modules());
if (!("script" in b)) { console.log(JSON.stringify(b, null, 1)); process.exit(1); }
console.log(performance.now() - t0, b.tasks.length, b.loops.length, b.script.length);
const r = evaluate(b.script, { set: {}, environment: {}, file: {}, cwd: process.cwd(), campaignDir: "/tmp", listings: { stats: ["bigbox/stats/stats_zs1.0_s100_oa10.h5"] } }, 5);
if (!("describe" in r)) { console.log(r); process.exit(1); }
console.log(performance.now() - t0);
const d = r.describe();
console.log(JSON.stringify(d).slice(0, 3000));
console.log(r.columns(0, 0, 2));
