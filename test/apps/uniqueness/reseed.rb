# The recipe of grenadine-recipes(7): Seed=SIGUSR2.
RESEED = [-> { Random.srand }]
trap('USR2') { RESEED.each(&:call) } if ENV['GRENADINE_SEED']
