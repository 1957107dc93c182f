/**
 * Turns what the classifier measured into how likely a candidate is right.
 * The weights are fitted by logistic regression on the validation split of CLINC150, cut into catalogues of 10 to 50 intents
 * with 3 to 8 examples each, half of the queries being about none of them.
 * @param similarity to the candidate, from 0 to 1
 * @param margin similarity minus that of the best other candidate; negative for all but the first
 */
export const confidenceOf = (similarity: number, margin: number): number =>
  1 / (1 + Math.exp(3 - 7.9 * similarity - 7.2 * margin));
