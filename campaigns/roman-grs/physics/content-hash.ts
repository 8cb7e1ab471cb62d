// A 64-bit fingerprint of array contents, to notice two equal catalogues. Not cryptographic: nobody is trying to collide.

/** Hash of the arrays' bits, in order. */
export function contentHash(...arrays: readonly Float32Array[]): bigint {
  let a = 0x9e3779b9 | 0;
  let b = 0x85ebca6b | 0;
  for (const array of arrays) {
    const words = new Uint32Array(array.buffer, array.byteOffset, array.length);
    for (let i = 0; i < words.length; i++) {
      a = Math.imul(a ^ words[i]!, 0x01000193); // FNV-1a on words
      b = Math.imul((b << 13) | (b >>> 19), 5) + words[i]!;
    }
    a = Math.imul(a ^ array.length, 0x01000193);
  }
  return (BigInt(mix(a) >>> 0) << 32n) | BigInt(mix(b ^ a) >>> 0);
}

function mix(value: number): number {
  let x = value;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return x ^ (x >>> 16);
}
