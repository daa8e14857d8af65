/**
 * What others wait for: `runnable` where a task may have become so, `settled` where one no longer is in progress, `control` where runs were told
 * something, `money` where some is free again, `runs` where one has come.
 */
export type Told = 'runnable' | 'settled' | 'control' | 'money' | 'runs';
