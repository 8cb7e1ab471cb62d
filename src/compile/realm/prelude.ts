// What is taken away before a campaign runs: clock, randomness, locale, machine. Text of a script, run first in the bare context.
// A fresh vm context has no process, require, fetch, timers or console; these are what the language itself brings along.

/** Names that do not exist in a campaign; a ReferenceError on one of them is told as impurity. */
export const ABSENT = [
  "process", "require", "module", "Buffer", "console", "fetch", "XMLHttpRequest", "WebSocket", "setTimeout", "setInterval", "setImmediate",
  "queueMicrotask", "performance", "crypto", "navigator", "window", "document", "Intl", "WeakRef", "FinalizationRegistry", "Atomics",
  "SharedArrayBuffer", "WebAssembly", "__dirname", "__filename",
] as const; // prettier-ignore

export const PRELUDE = `"use strict";
Error.stackTraceLimit = 40;
(() => {
  const impure = (what, remedy) => function () {
    const error = new Error(what + " is not available while a campaign is compiled");
    error.code = "compile/impure";
    error.remedy = remedy;
    error.at = [];
    throw error;
  };
  const CLOCK = "A campaign gives the same jobs every time: pass a date as a campaign variable.";
  const ZONE = "Local time differs between machines: use Date.UTC and the getUTC... methods.";
  const LOCALE = "Locale differs between machines: use String(...), toFixed(...), padStart(...) or compare with < and >.";
  const replace = (owner, name, value) => Object.defineProperty(owner, name, { value, writable: true, configurable: true, enumerable: false });

  replace(Math, "random", impure("Math.random()", "Derive a seed from the job's identity: seedFrom(...)."));
  Object.freeze(Math);

  const RealDate = Date;
  const dated = /^\\d{4}-\\d\\d-\\d\\d(T\\d\\d:\\d\\d(:\\d\\d(\\.\\d+)?)?(Z|[+-]\\d\\d:\\d\\d))?$/;
  const readable = (text) => (dated.test(text) ? text : impure("a date read from " + JSON.stringify(text), "Write it as 2026-01-31 or 2026-01-31T12:00:00Z.")());
  const PureDate = function Date(...given) {
    if (!new.target) return impure("Date()", CLOCK)();
    if (given.length === 0) return impure("new Date()", CLOCK)();
    if (given.length > 1) return impure("new Date(year, month, ...)", ZONE)();
    return Reflect.construct(RealDate, [typeof given[0] === "string" ? readable(given[0]) : given[0]], new.target);
  };
  PureDate.prototype = RealDate.prototype;
  replace(PureDate, "UTC", RealDate.UTC);
  replace(PureDate, "now", impure("Date.now()", CLOCK));
  replace(PureDate, "parse", (text) => RealDate.parse(readable(String(text))));
  replace(RealDate.prototype, "constructor", PureDate);
  for (const name of Object.getOwnPropertyNames(RealDate.prototype))
    if (/^(get|set)(?!UTC|Time$)/.test(name) || ["toString", "toDateString", "toTimeString"].includes(name))
      replace(RealDate.prototype, name, impure("Date.prototype." + name, ZONE));
  Object.defineProperty(RealDate.prototype, Symbol.toPrimitive, { value: impure("a date as text in local time", ZONE) });
  Object.freeze(PureDate);
  globalThis.Date = PureDate;

  for (const owner of [Object, Array, Number, BigInt, String, RealDate, Object.getPrototypeOf(Uint8Array)])
    for (const name of Object.getOwnPropertyNames(owner.prototype))
      if (/^(toLocale|localeCompare$)/.test(name) && owner !== Object) replace(owner.prototype, name, impure(name, LOCALE));

  for (const name of ["Intl", "WeakRef", "FinalizationRegistry", "Atomics", "SharedArrayBuffer", "WebAssembly", "console", "escape"]) delete globalThis[name];
})();`;
