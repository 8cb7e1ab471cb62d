// Columns: a million values without a million objects. Text is UTF-8 in one buffer with offsets; digests are 16 bytes each.

/** Append-only builder and reader of a column of strings. */
export class TextColumn {
  private constructor(
    private bytes: Buffer,
    private offsets: Uint32Array,
    private rows: number,
  ) {}

  static create(expectedRows: number, expectedBytes = expectedRows * 32): TextColumn {
    return new TextColumn(
      Buffer.allocUnsafe(Math.max(64, expectedBytes)),
      new Uint32Array(Math.max(1, expectedRows) + 1),
      0,
    );
  }

  /** A column over bytes that are already laid out (cache, file). `offsets` has rows + 1 entries. */
  static view(bytes: Buffer, offsets: Uint32Array): TextColumn {
    return new TextColumn(bytes, offsets, offsets.length - 1);
  }

  get length(): number {
    return this.rows;
  }

  push(text: string): void {
    const start = this.offsets[this.rows]!;
    const worst = text.length * 3;
    if (start + worst > this.bytes.length) this.growBytes(start + worst);
    if (this.rows + 2 > this.offsets.length) this.growOffsets();
    const written = this.bytes.write(text, start, "utf8");
    this.rows += 1;
    this.offsets[this.rows] = start + written;
  }

  at(row: number): string {
    return this.bytes.toString("utf8", this.offsets[row]!, this.offsets[row + 1]!);
  }

  /** Bytes of one value, without a copy: hash input. */
  bytesAt(row: number): Buffer {
    return this.bytes.subarray(this.offsets[row]!, this.offsets[row + 1]!);
  }

  /** What `view` takes back. */
  parts(): { readonly bytes: Buffer; readonly offsets: Uint32Array } {
    return {
      bytes: this.bytes.subarray(0, this.offsets[this.rows]!),
      offsets: this.offsets.subarray(0, this.rows + 1),
    };
  }

  private growBytes(needed: number): void {
    const bigger = Buffer.allocUnsafe(Math.max(needed, this.bytes.length * 2));
    this.bytes.copy(bigger);
    this.bytes = bigger;
  }

  private growOffsets(): void {
    const bigger = new Uint32Array(this.offsets.length * 2);
    bigger.set(this.offsets);
    this.offsets = bigger;
  }
}

/** 16 bytes a row (128-bit digests). */
export class DigestColumn {
  constructor(readonly bytes: Buffer) {}

  static create(rows: number): DigestColumn {
    return new DigestColumn(Buffer.alloc(rows * 16));
  }

  set(row: number, hex32: string): void {
    this.bytes.write(hex32, row * 16, 16, "hex");
  }

  /** 32 hex digits. */
  at(row: number): string {
    return this.bytes.toString("hex", row * 16, row * 16 + 16);
  }
}
