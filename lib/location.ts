/**
 * The folder of the library, as a URL. Said here alone, since where the built modules are put together only the place of this one
 * is sure: right below it.
 */
export const LIBRARY = new URL('.', import.meta.url);
