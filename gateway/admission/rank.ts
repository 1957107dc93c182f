/** Who goes first when not all can stay: somebody never seen before, what reads, what writes. */
export type Rank = 'stranger' | 'read' | 'write';

/** Of the room there is, what each rank may fill: the last of it is kept for writes. */
const shares: Readonly<Record<Rank, number>> = { stranger: 0.8, read: 0.9, write: 1 };

/** @param limit how many there may be at once, of all ranks @returns how many there may be before one more of this rank is too many */
export const placesFor = (rank: Rank, limit: number): number => Math.round(Math.floor(limit) * shares[rank]);
