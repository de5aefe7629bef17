/** Turns bucket numbers into shares that fill [0, 1) evenly: the golden ratio (van der Corput 1935; Kronecker). */
export const EVENLY = 0.6180339887498949;
