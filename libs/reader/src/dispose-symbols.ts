// Some browsers have no symbols for disposing yet. To be imported before any class that has such a method.
if (Symbol.asyncDispose === undefined)
  Object.defineProperty(Symbol, 'asyncDispose', { value: Symbol.for('Symbol.asyncDispose') })
