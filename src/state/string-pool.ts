// Keeps one copy of text that repeats from event to event. A million receipts name the same host, code and metrics a million times.
import type { Event, EventOf } from "./events.ts";

type Writable<T> = { -readonly [K in keyof T]: T[K] };

export class StringPool {
  private readonly strings = new Map<string, string>();

  /** Changes the event in place: it was just parsed and belongs to nobody yet. */
  intern(event: Event): Event {
    if (event.type === "attempt-started") {
      this.member(event, "host");
      this.member(event, "batch");
    } else if (event.type === "attempt-finished") this.finished(event);
    return event;
  }

  private finished(event: EventOf<"attempt-finished">): void {
    for (const phase of event.phases) this.member(phase, "name");
    if (event.log) this.member(event.log, "file");
    if (event.class === "ok") this.member(event, "message");
    const { receipt } = event;
    if (!receipt) return;
    this.member(receipt.recipe, "code");
    this.member(receipt.recipe, "environment");
    for (const output of receipt.outputs) this.member(output, "name");
    for (const metric of receipt.metrics) {
      this.member(metric, "name");
      if (metric.unit !== undefined) this.member(metric, "unit");
    }
    for (const gate of receipt.gates) {
      this.member(gate, "name");
      this.member(gate, "metric");
    }
  }

  private member<T extends object, K extends keyof T>(owner: T, name: K): void {
    const text = owner[name];
    if (typeof text !== "string") return;
    const known = this.strings.get(text);
    if (known === undefined) this.strings.set(text, text);
    else (owner as Writable<T>)[name] = known as T[K];
  }
}
