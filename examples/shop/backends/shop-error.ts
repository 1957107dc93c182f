/** What a backend refuses, in terms that each protocol has its own code for. */
export type Refusal = 'not-found' | 'conflict' | 'invalid';

/** A request that the shop understands and will not carry out. Its message is for whoever asked. */
export class ShopError extends Error {
  override readonly name = 'ShopError';
  readonly refusal: Refusal;

  constructor(refusal: Refusal, message: string) {
    super(message);
    this.refusal = refusal;
  }
}
