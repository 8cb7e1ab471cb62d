// The result of a soak as a table of lines. Pure.

export function report({ seconds, jobs, ticks, faults, scheduler, state }) {
  const ends = {};
  for (const { attempts } of state.jobs.values())
    for (const { end } of attempts) ends[end?.class ?? "open"] = (ends[end?.class ?? "open"] ?? 0) + 1;
  const submissions = [...state.submissions.values()];
  const count = (what) => submissions.filter(what).length;
  const rows = [
    ["jobs", jobs],
    ["time", `${Math.round(seconds)} s, ${(jobs / seconds).toFixed(1)} jobs/s`],
    ["attempts", inWords(ends)],
    ["ticks", `${inWords(ticks.counts)}; longest ${Math.max(0, ...ticks.seconds).toFixed(1)} s`],
    ["faults", inWords(faults.counts)],
    ["scheduler calls", inWords(scheduler)],
    ["submissions", `${submissions.length}, refused ${count(({ refused }) => refused)}, array tasks ${submissions.reduce((sum, { intended }) => sum + (intended?.tasks ?? 0), 0)}`], // prettier-ignore
  ];
  return rows.map(([name, value]) => `${name.padEnd(16)} ${value}`).join("\n");
}

const inWords = (counts) => Object.entries(counts).map(([name, count]) => `${name} ${count}`).join(", "); // prettier-ignore
