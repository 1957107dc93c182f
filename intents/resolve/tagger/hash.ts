/** FNV-1a over UTF-16 units, as a signed 32-bit integer. */
export const hashText = (text: string): number => {
  let hash = 0x811c9dc5 | 0;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash;
};

/** Joins two hashes; the order counts. */
export const join = (a: number, b: number): number => {
  const mixed = Math.imul(a, 0x9e3779b1) ^ Math.imul(b + 0x7f4a7c15, 0xc2b2ae35);
  return Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b) ^ (mixed >>> 13);
};

/** Integers from 0 in the order in which keys were first seen. */
export class Index {
  #keys: Int32Array;
  #rows: Int32Array;
  #size = 0;

  constructor(expected = 1024) {
    const slots = 2 ** Math.ceil(Math.log2(Math.max(16, expected * 2)));
    this.#keys = new Int32Array(slots);
    this.#rows = new Int32Array(slots).fill(-1);
  }

  get size(): number {
    return this.#size;
  }

  /** @returns -1 where the key was never added */
  find(key: number): number {
    const mask = this.#keys.length - 1;
    let at = Math.imul(key, 0x9e3779b1) >>> 7;
    for (at &= mask; ; at = (at + 1) & mask) {
      const row = this.#rows[at] as number;
      if (row < 0 || this.#keys[at] === key) return row;
    }
  }

  add(key: number): number {
    const known = this.find(key);
    if (known >= 0) return known;
    if (this.#size * 2 >= this.#keys.length) this.#grow();
    this.#put(key, this.#size);
    return this.#size++;
  }

  /** In the order of their integers. */
  keys(): Int32Array {
    const ordered = new Int32Array(this.#size);
    for (let at = 0; at < this.#rows.length; at++) {
      const row = this.#rows[at] as number;
      if (row >= 0) ordered[row] = this.#keys[at] as number;
    }
    return ordered;
  }

  #put(key: number, row: number): void {
    const mask = this.#keys.length - 1;
    let at = (Math.imul(key, 0x9e3779b1) >>> 7) & mask;
    while ((this.#rows[at] as number) >= 0) at = (at + 1) & mask;
    this.#keys[at] = key;
    this.#rows[at] = row;
  }

  #grow(): void {
    const [keys, rows] = [this.#keys, this.#rows];
    this.#keys = new Int32Array(keys.length * 2);
    this.#rows = new Int32Array(keys.length * 2).fill(-1);
    for (let at = 0; at < rows.length; at++) {
      const row = rows[at] as number;
      if (row >= 0) this.#put(keys[at] as number, row);
    }
  }
}
