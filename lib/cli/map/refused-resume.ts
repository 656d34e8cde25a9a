import { UsageError } from '../usage-error.js';

/** What an earlier run has written cannot be gone on with. */
export class RefusedResume extends UsageError {
  override readonly name = 'RefusedResume';

  constructor(reason: string) {
    super(`Cannot resume: ${reason}. Without --resume the run begins anew, and overwrites the output`);
  }
}
