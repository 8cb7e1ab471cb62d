// The one reducer: State is what the journals say. The same function live and on replay; no files, no clock.
import type { Event, EventOf } from "./events.ts";
import { type JobState, withAttempt, withForgotten, withHold, withRetry, withWaiver, withWords } from "./job-state.ts";
import { type RunState, withCancel, withRunEnd, withRunStart } from "./run-state.ts";
import { type SubmissionState, withSubmission } from "./submission.ts";
import { addDigests, addVerified, type RecordedDigests, type Verified } from "./verification.ts";
import { withBlock, withForget, withRelease, wordOf, type Words } from "./words.ts";

export type { JobState } from "./job-state.ts";
export type { RunState } from "./run-state.ts";

export type Verb =
  | EventOf<"retry-requested">
  | EventOf<"changes-accepted">
  | EventOf<"cancel-requested">
  | EventOf<"jobs-forgotten">
  | EventOf<"block-requested">
  | EventOf<"release-requested">
  | EventOf<"forget-requested">
  | EventOf<"ramp-released">
  | EventOf<"adoption-requested">
  /** By a person: it has a user. */
  | EventOf<"jobs-held">
  | Verification;
/** Words on results, not on jobs: their keys are in `results`. */
type Verification = EventOf<"results-verified"> | EventOf<"digests-recorded">;

export interface State {
  /** Every job that anything is known about, also of earlier versions of the campaign. */
  readonly jobs: Map<string, JobState>;
  readonly runs: Map<string, RunState>;
  readonly submissions: Map<string, SubmissionState>;
  /** By attemptId: what was found out about results and written down. */
  readonly verified: Map<string, Verified>;
  readonly digests: Map<string, RecordedDigests>;
  /** No order is promised. */
  readonly alerts: EventOf<"alert">[];
  /** What people asked for, as recorded. No order is promised. */
  readonly verbs: Verb[];
  /** True: some result counts for more than its own recipe (Receipt.stands, Waiver). */
  amended: boolean;
}

export function emptyState(): State {
  return {
    jobs: new Map(),
    runs: new Map(),
    submissions: new Map(),
    verified: new Map(),
    digests: new Map(),
    alerts: [],
    verbs: [],
    amended: false,
  };
}

/**
 * Takes over the state it is given and returns it, because copying a map of a million jobs an event is out of the question.
 * The JobState values inside are never changed, only replaced: who holds one holds a snapshot.
 * The order of events from different writers does not matter; an event that is not known changes nothing.
 */
export function reduce(state: State, event: Event): State {
  switch (event.type) {
    case "attempt-started":
    case "attempt-finished":
      state.jobs.set(event.key, withAttempt(state.jobs.get(event.key), event));
      if (event.type === "attempt-finished" && event.receipt?.stands) state.amended = true;
      break;
    case "changes-accepted":
      for (const waiver of event.waivers)
        state.jobs.set(waiver.key, withWaiver(state.jobs.get(waiver.key), waiver, event));
      state.verbs.push(event);
      state.amended = true;
      break;
    case "retry-requested":
      event.keys.forEach((key, i) => state.jobs.set(key, withRetry(state.jobs.get(key), key, event, i)));
      state.verbs.push(event);
      break;
    case "jobs-forgotten":
      for (const key of event.keys) state.jobs.set(key, withForgotten(state.jobs.get(key), key, event.at));
      state.verbs.push(event);
      break;
    case "block-requested": {
      const word = wordOf(event);
      for (const key of event.keys) said(state, key, (words) => withBlock(words, word));
      state.verbs.push(event);
      break;
    }
    case "release-requested": {
      const word = wordOf(event);
      for (const key of event.keys) said(state, key, (words) => withRelease(words, word));
      state.verbs.push(event);
      break;
    }
    case "forget-requested": {
      const word = wordOf(event);
      event.keys.forEach((key, i) => said(state, key, (words) => withForget(words, word, event.attempts[i] ?? [])));
      state.verbs.push(event);
      break;
    }
    case "ramp-released":
    case "adoption-requested":
      state.verbs.push(event);
      break;
    case "cancel-requested":
      state.runs.set(event.run, withCancel(state.runs.get(event.run), event));
      state.verbs.push(event);
      break;
    case "apply-started":
      state.runs.set(event.run, withRunStart(state.runs.get(event.run), event));
      break;
    case "apply-finished":
      state.runs.set(event.run, withRunEnd(state.runs.get(event.run), event));
      break;
    case "submission-intended":
    case "submission-answered":
    case "submission-refused":
    case "submission-cancelled":
    case "submission-over":
      state.submissions.set(event.token, withSubmission(state.submissions.get(event.token), event));
      break;
    case "jobs-held":
      for (const key of event.keys) state.jobs.set(key, withHold(state.jobs.get(key), key, event));
      if (event.user !== undefined) state.verbs.push(event);
      break;
    case "results-verified":
      addVerified(state.verified, event);
      state.verbs.push(event);
      break;
    case "digests-recorded":
      addDigests(state.digests, event);
      state.verbs.push(event);
      break;
    case "alert":
      state.alerts.push(event);
      break;
    case "journal-opened":
    case "journal-closed":
      break;
  }
  return state;
}

function said(state: State, key: string, words: (before?: Words) => Words): void {
  state.jobs.set(key, withWords(state.jobs.get(key), key, words));
}
