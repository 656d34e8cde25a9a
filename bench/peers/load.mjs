/** Imports a peer from where it is installed: beside this file. */
export const load = (name) => import(name);
