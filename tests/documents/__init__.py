"""What Starlette's pages on testing have promised, in two generations, holds for our clients."""
