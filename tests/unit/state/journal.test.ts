// What a writer promises: whole lines, one file of its own, nothing lost when it is killed, and a full disk that tears nothing.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { describe, expect, it } from "vitest";
import { DiagnosticError } from "../../../src/diagnostics/diagnostic.ts";
import { openJournal } from "../../../src/state/journal.ts";
import { liveWriters } from "../../../src/state/journal-writers.ts";
import { journalFiles, journalFingerprint, readJournals } from "../../../src/state/read-journal.ts";
import { bundle, start } from "./programs.ts";
import { finished, started, temporaryRoot } from "./support.ts";

describe("a journal", () => {
  it("is lines of JSON that end with the checksum of what is before it", () => {
    const root = temporaryRoot();
    const journal = openJournal(root, { writer: "worker", run: "r1", name: "w0" });
    journal.append(finished('mock[naïve="ü"]', "ok"));
    journal.close();
    const lines = readFileSync(journal.file, "utf8").split("\n");
    expect(lines.pop()).toBe("");
    expect(lines.map((line) => (JSON.parse(line) as { type: string }).type)).toEqual([
      "journal-opened",
      "attempt-finished",
      "journal-closed",
    ]);
    for (const line of lines) {
      const at = line.lastIndexOf(',"crc":"');
      expect(line.slice(at)).toBe(`,"crc":"${crc32(line.slice(0, at)).toString(16).padStart(8, "0")}"}`);
    }
  });

  it("gives every writer a file of its own, also within one process", () => {
    const root = temporaryRoot();
    const files = [1, 2, 3]
      .map(() => openJournal(root, { writer: "apply", run: "r1" }))
      .map((j) => (j.close(), j.file));
    expect(new Set(files).size).toBe(3);
    expect(journalFiles(root)).toEqual([...files].sort());
  });

  it("refuses events after it was closed, and may be closed twice", () => {
    const journal = openJournal(temporaryRoot(), { writer: "apply", run: "r1" });
    journal.close();
    journal.close();
    expect(() => journal.append(started("a"))).toThrow("closed journal");
  });

  it("knows who writes: alive until closed", () => {
    const root = temporaryRoot();
    const journal = openJournal(root, { writer: "worker", run: "r7" });
    expect(liveWriters(readJournals(root).writers)).toMatchObject([
      { pid: process.pid, run: "r7", writer: "worker", closed: false },
    ]);
    journal.append(started("a"));
    journal.close();
    expect(liveWriters(readJournals(root).writers)).toEqual([]);
  });

  it("changes the fingerprint with every event", () => {
    const root = temporaryRoot();
    const empty = journalFingerprint(root);
    const journal = openJournal(root, { writer: "apply", run: "r1" });
    const opened = journalFingerprint(root);
    journal.append(started("a"));
    const appended = journalFingerprint(root);
    expect(new Set([empty, opened, appended]).size).toBe(3);
    expect(journalFingerprint(root)).toBe(appended);
    journal.close();
  });
});

describe("a writer that is killed", () => {
  it("loses no event it had appended, at whatever instant", async () => {
    const program = bundle("write-journal");
    for (let round = 0; round < 8; round++) {
      const root = temporaryRoot();
      const writer = start(program, root);
      await writer.line(/^\d+$/);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 40));
      writer.child.kill("SIGKILL");
      await writer.exited;
      const confirmed = Number(writer.output().split("\n").at(-2));
      const { state, problems, writers } = readJournals(root).fold();
      expect(problems).toEqual([]);
      expect(writers).toMatchObject([{ closed: false }]);
      expect(liveWriters(writers)).toEqual([]);
      for (let i = 0; i <= confirmed; i++) expect(state.jobs.get(`mock[i=${i}]`)?.receipt).toBeDefined();
    }
  });
});

describe("a full disk", () => {
  const mounted = (size: string, use: (folder: string) => void): boolean => {
    const folder = mkdtempSync(join(tmpdir(), "cmc-tiny-"));
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "none", folder], { stdio: "ignore" });
    } catch {
      return false;
    }
    try {
      use(folder);
    } finally {
      execFileSync("umount", [folder]);
      rmSync(folder, { recursive: true });
    }
    return true;
  };

  it("refuses the event, keeps the ones before whole, and goes on when there is room", (context) => {
    const possible = mounted("64k", (folder) => {
      mkdirSync(join(folder, "metadata"));
      writeFileSync(join(folder, "ballast"), Buffer.alloc(16384));
      const journal = openJournal(folder, { writer: "worker", run: "r1" });
      let recorded = 0;
      const fill = () => {
        for (;;) {
          journal.append(finished(`mock[i=${recorded}]`, "ok"));
          recorded += 1;
        }
      };
      let refusal: unknown;
      try {
        fill();
      } catch (error) {
        refusal = error;
      }
      expect(refusal).toBeInstanceOf(DiagnosticError);
      expect((refusal as DiagnosticError).diagnostics[0]).toMatchObject({
        code: "state/disk-full",
        left: "The event was not recorded; everything before it was.",
      });
      expect(recorded).toBeGreaterThan(10);
      const full = readFileSync(journal.file);
      expect(full.at(-1)).toBe(10);
      rmSync(join(folder, "ballast"));
      journal.append(finished("mock[i=after]", "ok"));
      journal.close();
      const { state, problems } = readJournals(folder).fold();
      expect(problems).toEqual([]);
      expect(state.jobs.size).toBe(recorded + 1);
      expect(state.jobs.get("mock[i=after]")?.receipt).toBeDefined();
    });
    if (!possible) context.skip("this user cannot mount a tmpfs: the full disk was NOT tested");
  });

  it("leaves no journal behind that could not be opened", (context) => {
    const possible = mounted("16k", (folder) => {
      mkdirSync(join(folder, "journal"));
      try {
        writeFileSync(join(folder, "ballast"), Buffer.alloc(65536));
      } catch {
        // full, as wanted
      }
      expect(() => openJournal(folder, { writer: "worker", run: "r1" })).toThrow("state/disk-full");
      expect(journalFiles(folder)).toEqual([]);
    });
    if (!possible) context.skip("this user cannot mount a tmpfs: the full disk was NOT tested");
  });

  it("says so when the folder cannot be made", () => {
    const root = temporaryRoot();
    writeFileSync(join(root, "journal"), "a file where the folder should be");
    expect(() => openJournal(root, { writer: "verb", run: "r1" })).toThrow("state/unwritable");
  });
});
